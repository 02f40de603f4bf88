/** Kernels whose headers let the result lie where an operand lies: the same bits as apart. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Core, type Operand } from "../src/index.ts";
import { Bench, type Given, type Output } from "./bench.ts";
import { activations } from "./kernels.usual.ts";

/** Launches a kernel at size n; `over` says where the result goes that may take the operand's place. */
type InPlace = (bench: Bench, n: number, over: (operand: Given) => Operand<"float32">) => void;

const maps = (["negate", "exp", "log", "sqrt", "square", "abs"] as const).map((kernel): [string, InPlace] => [
  kernel,
  (bench, n, over) => {
    const x = bench.numbers(n, "positive");
    bench.kernels[kernel]({ x, y: over(x), size: n });
  },
]);

const activated = activations.flatMap((activation): [string, InPlace][] => [
  [
    activation,
    (bench, n, over) => {
      const x = bench.numbers(n);
      bench.kernels.activate({ x, y: over(x), activation, size: n });
    },
  ],
  [
    `${activation}, backward over dy`,
    (bench, n, over) => {
      const [saved, dy] = [bench.numbers(n), bench.numbers(n)];
      bench.kernels.activateBackward({ saved, dy, dx: over(dy), activation, size: n });
    },
  ],
]);

const pairs = (["add", "subtract", "multiply", "divide", "maximum", "minimum", "greater", "greaterEqual", "equal"] as const).flatMap(
  (kernel) =>
    (["a", "b"] as const).map((which): [string, InPlace] => [
      `${kernel} over ${which}`,
      (bench, n, over) => {
        const operands = { a: bench.numbers(n), b: bench.numbers(n, "positive") };
        bench.kernels[kernel]({ ...operands, y: over(operands[which]), size: n });
      },
    ]),
);

const rows = (["softmax", "logSoftmax"] as const).flatMap((kernel): [string, InPlace][] => [
  [
    kernel,
    (bench, n, over) => {
      const x = bench.numbers(5 * n);
      bench.kernels[kernel]({ x, y: over(x), rows: 5, columns: n });
    },
  ],
  [
    `${kernel}Backward over dy`,
    (bench, n, over) => {
      const [y, dy] = [bench.numbers(5 * n), bench.numbers(5 * n)];
      bench.kernels[`${kernel}Backward`]({ y, dy, dx: over(dy), rows: 5, columns: n });
    },
  ],
]);

const others: Readonly<Record<string, InPlace>> = {
  scaleAndShift(bench, n, over) {
    const x = bench.numbers(n);
    bench.kernels.scaleAndShift({ x, y: over(x), scale: 3, shift: 1, size: n });
  },
  clamp(bench, n, over) {
    const x = bench.numbers(n);
    bench.kernels.clamp({ x, y: over(x), low: -0.5, high: 0.5, size: n });
  },
  pow(bench, n, over) {
    const x = bench.numbers(n, "positive");
    bench.kernels.pow({ x, y: over(x), exponent: 1.5, size: n });
  },
  "where over its condition"(bench, n, over) {
    const [condition, a, b] = [bench.numbers(n, "halves"), bench.numbers(n), bench.numbers(n)];
    bench.kernels.where({ condition, a, b, y: over(condition), size: n });
  },
  dropout(bench, n, over) {
    const x = bench.numbers(n);
    bench.kernels.dropout({ x, y: over(x), keep: 0.6, seed: 1, stream: 3, size: n });
  },
  "binaryCrossEntropyBackward over dy"(bench, n, over) {
    const [x, targets, dy] = [bench.numbers(n), bench.numbers(n), bench.numbers(n)];
    bench.kernels.binaryCrossEntropyBackward({ x, targets, dy, dx: over(dy), size: n });
  },
  "maximumBackward, da over dy"(bench, n, over) {
    const [a, b, dy] = [bench.numbers(n, "halves"), bench.numbers(n, "halves"), bench.numbers(n)];
    bench.kernels.maximumBackward({ a, b, dy, da: over(dy), db: bench.output(n), size: n });
  },
  "maximumBackward, db over dy"(bench, n, over) {
    const [a, b, dy] = [bench.numbers(n, "halves"), bench.numbers(n, "halves"), bench.numbers(n)];
    bench.kernels.maximumBackward({ a, b, dy, da: bench.output(n), db: over(dy), size: n });
  },
  layerNorm(bench, n, over) {
    const [x, weight, bias] = [bench.numbers(5 * n), bench.numbers(n), bench.numbers(n)];
    bench.kernels.layerNorm({ x, weight, bias, y: over(x), rows: 5, columns: n, epsilon: 1e-5 });
  },
  "layerNormBackward over dy"(bench, n, over) {
    const [x, weight, mean] = [bench.numbers(5 * n), bench.numbers(n), bench.numbers(5)];
    const [rstd, dy] = [bench.numbers(5), bench.numbers(5 * n)];
    bench.kernels.layerNormBackward({ x, weight, mean, rstd, dy, dx: over(dy), rows: 5, columns: n });
  },
  "crossEntropyBackward over logits"(bench, n, over) {
    const [logits, labels, logSumExp, dloss] = [bench.numbers(5 * n), bench.ids(5, n), bench.numbers(5, "positive"), bench.numbers(5)];
    const options = { rows: 5, classes: n, ignoreIndex: -100, smoothing: 0.1 };
    bench.kernels.crossEntropyBackward({ logits, labels, logSumExp, dloss, dlogits: over(logits), ...options });
  },
  batchNorm(bench, n, over) {
    const [x, mean, variance] = [bench.numbers(6 * n), bench.numbers(3), bench.numbers(3, "positive")];
    const [weight, bias] = [bench.numbers(3), bench.numbers(3)];
    bench.kernels.batchNorm({ x, mean, variance, weight, bias, y: over(x), batch: 2, channels: 3, size: n, epsilon: 1e-5 });
  },
  ...Object.fromEntries(
    (["batchNormBackward", "batchNormInferenceBackward"] as const).map((kernel): [string, InPlace] => [
      `${kernel} over dy`,
      (bench, n, over) => {
        const [x, mean, variance] = [bench.numbers(6 * n), bench.numbers(3), bench.numbers(3, "positive")];
        const [weight, dy] = [bench.numbers(3), bench.numbers(6 * n)];
        const sums = { dw: bench.output(3), db: bench.output(3) };
        bench.kernels[kernel]({ x, mean, variance, weight, dy, dx: over(dy), ...sums, batch: 2, channels: 3, size: n, epsilon: 1e-5 });
      },
    ]),
  ),
};

describe.for(["plain", "relaxed"] as const)("%s", (simd) => {
  let core: Core;
  beforeAll(async () => {
    core = await Core.create({ threads: 1, simd, tile: "4x8" });
  });
  afterAll(() => core[Symbol.dispose]());

  /** The result's bits. */
  function result(run: InPlace, n: number, inPlace: boolean): Uint8Array {
    using bench = new Bench(core);
    let written: Output | undefined;
    run(bench, n, (operand) => (written = inPlace ? { ...operand, length: operand.values.length } : bench.output(operand.values.length)));
    if (!written) throw new Error("nothing was written");
    return bench.bits(written);
  }

  test.for([...maps, ...activated, ...pairs, ...rows, ...Object.entries(others)])("%s", ([, run]) => {
    for (const n of [1, 3, 4, 5, 17, 64, 197]) expect(result(run, n, true), `size ${n}`).toEqual(result(run, n, false));
  });
});
