/**
 * The op's name is the index: layers/src/ops/…/<op>.ts, core-wasm/assembly/<op>.ts and core-wasm/reference/<op>.ts are found by one name, and the op has
 * a row in ops.table.ts. What isn't so is listed here with its reason, and nothing else.
 */
import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import * as layers from "../../packages/layers/src/index.ts";
import { ops } from "../../packages/layers/test/ops.table.ts";

const packages = fileURLToPath(new URL("../../packages/", import.meta.url));
const read = (file: string): string => readFileSync(packages + file, "utf8");
const files = (pattern: string): string[] => globSync(pattern, { cwd: packages }).filter((file) => !file.endsWith("/index.ts"));
const names = (pattern: string): Set<string> =>
  new Set(
    files(pattern)
      .map((file) => basename(file, ".ts"))
      .sort(),
  );

const kernels = names("core-wasm/assembly/*.ts");
const parts = names("core-wasm/assembly/parts/*.ts");
const references = names("core-wasm/reference/*.ts");

/** Ops that call a kernel of another name. */
const otherKernel = {
  broadcast: "permute: a stride of 0 repeats",
  "drop-path": "random: one draw for each sample",
  linear: "matmul, and sum over rows for the bias's gradient",
  "matrix-product": "matmul, matmul-pack",
  "packed-weight": "matmul-pack, int8-quantize: what a weight is packed as",
};

/** Kernels whose specification stands with the kernel that they go with. */
const otherReference = {
  "attention-backward": "attention",
  "int8-quantize": "int8-matmul",
  "matmul-pack": "matmul",
};

/** Ops without a row in ops.table.ts, and where they are tested instead. */
const otherTest = {
  argmax: "ops.special.test.ts: no gradient, whole numbers",
  argmin: "ops.special.test.ts: no gradient, whole numbers",
  convBatchNorm: "conv-norm.test.ts",
  drawNormal: "dropout.test.ts: drawn",
  drawTruncatedNormal: "dropout.test.ts: drawn",
  drawUniform: "dropout.test.ts: drawn",
  dropPath: "dropout.test.ts: drawn",
  dropout: "dropout.test.ts: drawn",
  explicitSelfAttention: "attention.test.ts",
  isInt8: "quantize.test.ts: no op, it tells of a weight",
};

const launches = /\bkernels\(\)/;

test("an op's kernel has the op's name", () => {
  const launching = files("layers/src/ops/**/*.ts")
    .filter((file) => launches.test(read(file)))
    .map((file) => basename(file, ".ts"));
  expect(launching.filter((name) => !kernels.has(name) && !parts.has(name)).sort()).toEqual(Object.keys(otherKernel));
});

test("a kernel's specification has the kernel's name", () => {
  expect([...kernels].filter((name) => !references.has(name))).toEqual(Object.keys(otherReference));
  expect([...references].filter((name) => !kernels.has(name) && !parts.has(name))).toEqual(["numbers"]);
});

test("an op has a row of its name", () => {
  const exported = [...read("layers/src/index.ts").matchAll(/export \{([^}]*)\} from "\.\/ops\//g)]
    .flatMap(([, list = ""]) => list.split(",").map((name) => name.trim()))
    .filter((name) => name !== "" && !name.startsWith("type ") && name in layers);
  const rows = new Set(ops.map(({ name }) => name));
  expect(exported.filter((name) => !rows.has(name)).sort()).toEqual(Object.keys(otherTest));
});
