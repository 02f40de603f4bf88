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
const references = names("core-wasm/reference/*.ts");

/** Ops that call a kernel of another name. */
const otherKernel = {
  arithmetic: "elementwise, unary",
  "average-pool": "conv",
  broadcast: "reduce",
  "conv-batch-norm": "conv, batch-norm",
  convolution: "conv",
  linear: "matmul",
  "matrix-product": "matmul",
  patchify: "patch",
  slice: "permute",
};

/** Kernels whose specification stands in another file, or that are parts of one. */
const otherReference = {
  "attention-backward": "attention",
  "attention-scores": "attention",
  "attention-single": "attention",
  fft: "fft-rows",
  "int8-layout": "int8-matmul",
  "int8-quantize": "int8-matmul",
  "matmul-finish": "matmul",
  "matmul-pack": "matmul",
  "matmul-pack-lanes": "matmul",
  "matmul-tile": "matmul",
  "static-end": "no kernel: where static data ends",
};

/** Ops without a row in ops.table.ts, and where they are tested instead. */
const otherTest = {
  activate: "under its activations' names",
  argmax: "ops.special.test.ts: no gradient",
  convBatchNorm: "conv-norm.test.ts",
  drawNormal: "dropout.test.ts: drawn",
  drawTruncatedNormal: "dropout.test.ts: drawn",
  drawUniform: "dropout.test.ts: drawn",
  dropPath: "dropout.test.ts: drawn",
  dropout: "dropout.test.ts: drawn",
  explicitSelfAttention: "attention.test.ts",
};

const launches = /\blaunch(WithScratch)?\(|\bkernels\b/;

test("an op's kernel has the op's name", () => {
  const missing = files("layers/src/ops/**/*.ts").filter((file) => launches.test(read(file)) && !kernels.has(basename(file, ".ts")));
  expect(missing.map((file) => basename(file, ".ts")).sort()).toEqual(Object.keys(otherKernel));
});

test("a kernel's specification has the kernel's name", () => {
  expect([...kernels].filter((name) => !references.has(name))).toEqual(Object.keys(otherReference));
  expect([...references].filter((name) => !kernels.has(name))).toEqual(["numbers"]);
});

test("an op has a row of its name", () => {
  const exported = [...read("layers/src/index.ts").matchAll(/export \{([^}]*)\} from "\.\/ops\//g)]
    .flatMap(([, list = ""]) => list.split(",").map((name) => name.trim()))
    .filter((name) => name !== "" && !name.startsWith("type ") && name in layers);
  const rows = new Set(ops.map(({ name }) => name));
  expect(exported.filter((name) => !rows.has(name)).sort()).toEqual(Object.keys(otherTest));
});
