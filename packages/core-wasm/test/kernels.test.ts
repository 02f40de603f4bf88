/** Every kernel against its float64 reference, in both builds, and on 256-bit vectors where they can be had, on one thread. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { subtract } from "../reference/arithmetic.ts";
import { Core, CoreError, type Operand } from "../src/index.ts";
import { Bench } from "./bench.ts";
import { kernels } from "./kernels.table.ts";
import { activations, names } from "./kernels.usual.ts";

/** Kernels that reduce the axis of length n: of nothing, most have no value, and the references can't tell how many results there are. */
const reducing = new Set(
  "sum mean max min argmax layerNorm crossEntropy crossEntropyBackward interpolate"
    .split(" ")
    .concat("batchNormStatistics batchNormBackward batchNormInferenceBackward fourierMixRows fourierMixColumns".split(" ")),
);

test("every kernel has a case", () => {
  expect(Object.keys(kernels).sort()).toEqual([...names].sort());
});

const canBeWide = await (async () => {
  using core = await Core.create({ threads: 1, simd: "wide" });
  return core.simd === "wide";
})();

describe.for(["plain", "relaxed", ...(canBeWide ? (["wide"] as const) : [])] as const)("%s", (simd) => {
  let core: Core;
  beforeAll(async () => {
    core = await Core.create({ threads: 1, simd });
  });
  afterAll(() => {
    expect(core.memory.liveBytes).toBe(0);
    core[Symbol.dispose]();
  });

  for (const [kernel, run] of Object.entries(kernels)) {
    test.for([...(reducing.has(kernel) ? [] : [0]), 1, 3, 4, 5, 17, 64, 197])(`${kernel} at size %i`, (size) => {
      using bench = new Bench(core, { shift: size === 17 ? 4 : 0 }); // views lie at multiples of 4 bytes only
      run(bench, size);
    });
  }
});

test("an activation may be left out only where it is one part of a kernel's work", async () => {
  using core = await Core.create({ threads: 1 });
  const x = core.allocate(16).as("float32");
  const message = `activate: activation must be one of ${activations.join(", ")}, but is `;
  const without = { x, y: x, size: 4 } as Parameters<typeof core.kernels.activate>[0];
  expect(() => core.kernels.activate(without)).toThrow(new CoreError(`${message}undefined`));
  expect(() => core.kernels.activate(Object.assign({ activation: "" }, without))).toThrow(new CoreError(message));
});

test("a kernel that only moves words takes floats and whole numbers, and no bytes", async () => {
  using core = await Core.create({ threads: 1 });
  const [x, y] = [core.allocate(16).as("int32"), core.allocate(16).as("int32")];
  x.block.view("int32", 0, 4).set([1, -2, 2 ** 31 - 1, 0x7f800001]);
  const lengths = { rows: 1, columns: 4, xStride: 4, yStride: 4 };
  core.kernels.copyRows({ x, y, ...lengths });
  expect([...y.block.read("int32", 0, 4)]).toEqual([1, -2, 2 ** 31 - 1, 0x7f800001]);
  const bytes = x.block.as("uint8") as Operand<never>;
  expect(() => core.kernels.copyRows({ x: bytes, y, ...lengths })).toThrow(
    new CoreError("copyRows: x must be float32 or int32, but is uint8"),
  );
});

test("long rows are worked on in pieces, against one element and against a row", async () => {
  using core = await Core.create({ threads: 2 });
  using bench = new Bench(core);
  const [rows, columns] = [2, 9001]; // two whole pieces and a rest
  const [a, row, one] = [bench.numbers(rows * columns), bench.numbers(columns), bench.numbers(1)];
  const size = { n1: 1, n2: 1, n3: 1, a1: 0, a2: 0, a3: 0, b0: 0, b1: 0, b2: 0, b3: 0 };
  for (const { b, bInner, shape } of [
    { b: row, bInner: 1, shape: [columns] },
    { b: one, bInner: 0, shape: [1] },
  ]) {
    const [y, reversed] = [bench.output(rows * columns), bench.output(rows * columns)];
    bench.kernels.subtractBroadcast({ a, b, y, n0: rows, inner: columns, a0: columns, aInner: 1, bInner, ...size });
    bench.expect(y, subtract(a.values, b.values, [rows, columns], shape));
    const exchanged = { n1: 1, n2: 1, n3: 1, a0: 0, a1: 0, a2: 0, a3: 0, b1: 0, b2: 0, b3: 0, aInner: bInner };
    bench.kernels.subtractBroadcast({ a: b, b: a, y: reversed, n0: rows, inner: columns, b0: columns, bInner: 1, ...exchanged });
    bench.expect(
      reversed,
      subtract(a.values, b.values, [rows, columns], shape).map((value) => -value),
    );
  }
});
