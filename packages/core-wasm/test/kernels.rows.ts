/** Kernels over rows, columns and axes: broadcasting, softmax, norms, losses, reductions, gathers, copies. */
import { expect } from "vitest";
import * as arithmetic from "../reference/arithmetic.ts";
import * as batchNorm from "../reference/batch-norm.ts";
import { sumOfSquares } from "../reference/clip-gradient-norm.ts";
import * as comparison from "../reference/comparison.ts";
import { foldBatchNorm } from "../reference/conv-batch-norm.ts";
import { crossEntropy, crossEntropyBackward } from "../reference/cross-entropy.ts";
import * as gather from "../reference/gather.ts";
import { layerNorm, layerNormBackward, layerNormBackwardWeights } from "../reference/layer-norm.ts";
import { permute } from "../reference/permute.ts";
import * as reduce from "../reference/reduce.ts";
import { copyRows } from "../reference/slice.ts";
import * as softmax from "../reference/softmax.ts";
import { sumOfSquaresPartialsBytes } from "../src/index.ts";
import type { Draw, KernelCase } from "./bench.ts";

const binary = { ...arithmetic, ...comparison };

type Binary = "add" | "subtract" | "multiply" | "divide" | "maximum" | "minimum" | "greater" | "greaterEqual" | "equal";

/** (2, 3, 4, n) with each kind of repeating in b. */
const broadcast =
  (op: Binary, [first, second]: readonly [Draw, Draw] = ["any", "positive"]): KernelCase =>
  (bench, n) =>
    [
      { shape: [3, 1, n], b1: 0, b2: n, b3: 0, bInner: 1 },
      { shape: [2, 1, 4, 1], b1: 4, b2: 0, b3: 1, bInner: 0 },
      { shape: [2, 3, 1, n], b1: 3 * n, b2: n, b3: 0, bInner: 1 },
    ].map(({ shape, ...strides }) => {
      const a = bench.numbers(24 * n, first);
      const b = bench.numbers(
        shape.reduce((size, length) => size * length, 1),
        second,
      );
      const y = bench.output(24 * n);
      const ofA = { a0: 0, a1: 12 * n, a2: 4 * n, a3: n, aInner: 1 };
      bench.kernels[`${op}Broadcast`]({ a, b, y, n0: 1, n1: 2, n2: 3, n3: 4, inner: n, ...ofA, b0: 0, ...strides });
      bench.expect(y, binary[op](a.values, b.values, [2, 3, 4, n], shape));
      return y;
    });

/** Rows of n columns. */
const byRow =
  (kernel: "softmax" | "logSoftmax"): KernelCase =>
  (bench, n) => {
    const x = bench.numbers(5 * n);
    const y = bench.output(5 * n);
    bench.kernels[kernel]({ x, y, rows: 5, columns: n });
    bench.expect(y, softmax[kernel](x.values, n));
    return [y];
  };

const byRowBackward =
  (kernel: "softmax" | "logSoftmax"): KernelCase =>
  (bench, n) => {
    const y = bench.given(softmax[kernel](bench.numbers(5 * n).values, n));
    const dy = bench.numbers(5 * n);
    const dx = bench.output(5 * n);
    bench.kernels[`${kernel}Backward`]({ y, dy, dx, rows: 5, columns: n });
    bench.expect(dx, softmax[`${kernel}Backward`](y.values, dy.values, n));
    return [dx];
  };

/** The middle axis, of length n, of (2, n, inner). */
const reduction =
  (kernel: "sum" | "mean" | "max" | "min"): KernelCase =>
  (bench, n) =>
    [1, 3, 21].map((inner) => {
      const x = bench.numbers(2 * n * inner);
      const y = bench.output(2 * inner);
      bench.kernels[kernel]({ x, y, outer: 2, axis: n, inner });
      bench.expect(y, reduce[kernel](x.values, n, inner));
      return y;
    });

const batchNormBackward =
  (kernel: "batchNormBackward" | "batchNormInferenceBackward"): KernelCase =>
  (bench, n) => {
    const [x, dy, weight] = [bench.numbers(6 * n), bench.numbers(6 * n), bench.numbers(3)];
    const statistics = batchNorm.batchNormStatistics(x.values, 3, n);
    const [mean, variance] = [bench.given(statistics.mean), bench.given(statistics.variance)];
    const [dx, dw, db] = [bench.output(6 * n), bench.output(3), bench.output(3)];
    bench.kernels[kernel]({ x, mean, variance, weight, dy, dx, dw, db, batch: 2, channels: 3, size: n, epsilon: 0.1 });
    const expected = batchNorm[kernel](x.values, mean.values, variance.values, weight.values, dy.values, 3, n, Math.fround(0.1));
    for (const [output, values] of [
      [dx, expected.dx],
      [dw, expected.dw],
      [db, expected.db],
    ] as const)
      bench.expect(output, values, 1e-5);
    return [dx, dw, db];
  };

/** n · 100 elements: up to five blocks of 4096, and their sum. */
const squares: KernelCase = (bench, n) => {
  const length = 100 * n;
  const x = bench.numbers(length);
  const partials = bench.bytesOutput(sumOfSquaresPartialsBytes(length));
  const y = bench.output(1);
  bench.kernels.sumOfSquaresPartials({ x, partials, length });
  bench.kernels.sumOfPartials({ partials, y, length });
  bench.expect(y, [sumOfSquares(x.values)]);
  return [partials, y];
};

export const rows = {
  foldBatchNorm(bench, n) {
    const kernel = bench.numbers(3 * n);
    const [mean, weight, bias] = [bench.numbers(3), bench.numbers(3), bench.numbers(3)];
    const variance = bench.given(mean.values.map((value) => value * value));
    const folded = bench.output(3 * (n + 1));
    bench.kernels.foldBatchNorm({ kernel, mean, variance, weight, bias, folded, channels: 3, k: n, epsilon: 0.1 });
    const expected = foldBatchNorm(kernel.values, mean.values, variance.values, weight.values, bias.values, n, Math.fround(0.1));
    bench.expect(folded, expected);
    return [folded];
  },
  addBroadcast: broadcast("add"),
  subtractBroadcast: broadcast("subtract"),
  multiplyBroadcast: broadcast("multiply"),
  divideBroadcast: broadcast("divide"),
  maximumBroadcast: broadcast("maximum"),
  minimumBroadcast: broadcast("minimum"),
  greaterBroadcast: broadcast("greater", ["halves", "halves"]),
  greaterEqualBroadcast: broadcast("greaterEqual", ["halves", "halves"]),
  equalBroadcast: broadcast("equal", ["halves", "halves"]),
  softmax: byRow("softmax"),
  softmaxBackward: byRowBackward("softmax"),
  logSoftmax: byRow("logSoftmax"),
  logSoftmaxBackward: byRowBackward("logSoftmax"),
  layerNorm(bench, n) {
    const [x, weight, bias] = [bench.numbers(4 * n), bench.numbers(n), bench.numbers(n)];
    const [y, mean, rstd] = [bench.output(4 * n), bench.output(4), bench.output(4)];
    bench.kernels.layerNorm({ x, weight, bias, y, mean, rstd, rows: 4, columns: n, epsilon: 0.01 });
    const expected = layerNorm(x.values, weight.values, bias.values, n, Math.fround(0.01));
    for (const [output, values] of [
      [y, expected.y],
      [mean, expected.mean],
      [rstd, expected.rstd],
    ] as const)
      bench.expect(output, values);
    return [y, mean, rstd];
  },
  layerNormBackward(bench, n) {
    const [x, weight, dy] = [bench.numbers(4 * n), bench.numbers(n), bench.numbers(4 * n)];
    const forward = layerNorm(x.values, null, null, n, 0.01);
    const [mean, rstd] = [bench.given(forward.mean), bench.given(forward.rstd)];
    const dx = bench.output(4 * n);
    bench.kernels.layerNormBackward({ x, weight, mean, rstd, dy, dx, rows: 4, columns: n });
    bench.expect(dx, layerNormBackward(x.values, weight.values, mean.values, rstd.values, dy.values, n));
    return [dx];
  },
  layerNormBackwardWeights(bench, n) {
    const [x, mean, rstd, dy] = [bench.numbers(4 * n), bench.numbers(4), bench.numbers(4, "positive"), bench.numbers(4 * n)];
    const [dw, db] = [bench.output(n), bench.output(n)];
    bench.kernels.layerNormBackwardWeights({ x, mean, rstd, dy, dw, db, rows: 4, columns: n });
    const expected = layerNormBackwardWeights(x.values, mean.values, rstd.values, dy.values, n);
    bench.expect(dw, expected.dw);
    bench.expect(db, expected.db);
    return [dw, db];
  },
  crossEntropy: (bench, n) =>
    [0, 0.1].map((smoothing) => {
      const [logits, labels] = [bench.numbers(4 * n), bench.integers([0, n - 1, -7, n >> 1])];
      const [loss, logSumExp] = [bench.output(4), bench.output(4)];
      bench.kernels.crossEntropy({ logits, labels, loss, logSumExp, rows: 4, classes: n, ignoreIndex: -7, smoothing });
      bench.expect(loss, crossEntropy(logits.values, labels.values, n, -7, smoothing).loss);
      return loss;
    }),
  crossEntropyBackward: (bench, n) =>
    [0, 0.1].map((smoothing) => {
      const [logits, labels, dloss] = [bench.numbers(4 * n), bench.integers([0, n - 1, -7, n >> 1]), bench.numbers(4)];
      const logSumExp = bench.given(crossEntropy(logits.values, labels.values, n, -7, smoothing).logSumExp);
      const dlogits = bench.output(4 * n);
      bench.kernels.crossEntropyBackward({ logits, labels, logSumExp, dloss, dlogits, rows: 4, classes: n, ignoreIndex: -7, smoothing });
      bench.expect(dlogits, crossEntropyBackward(logits.values, labels.values, logSumExp.values, dloss.values, n, -7, smoothing));
      return dlogits;
    }),
  sum: reduction("sum"),
  mean: reduction("mean"),
  max: reduction("max"),
  min: reduction("min"),
  extremeBackward: (bench, n) =>
    (["max", "min"] as const).flatMap((extreme) =>
      [1, 3, 21].map((inner) => {
        const [x, dy] = [bench.numbers(2 * n * inner, "halves"), bench.numbers(2 * inner)];
        const y = bench.given(reduce[extreme](x.values, n, inner));
        const dx = bench.output(2 * n * inner);
        bench.kernels.extremeBackward({ x, y, dy, dx, outer: 2, axis: n, inner });
        bench.expect(dx, reduce.extremeBackward(x.values, y.values, dy.values, n, inner));
        return dx;
      }),
    ),
  argmax(bench, n) {
    const x = bench.numbers(7 * n, "halves");
    const indices = bench.integersOutput(7);
    bench.kernels.argmax({ x, indices, rows: 7, columns: n });
    expect([...bench.read(indices)]).toEqual([...reduce.argmax(x.values, n)]);
    return [indices];
  },
  sumOfSquaresPartials: squares,
  sumOfPartials: squares,
  gatherRows(bench, n) {
    const [table, ids] = [bench.numbers(7 * n), bench.ids(11, 7)];
    const y = bench.output(11 * n);
    bench.kernels.gatherRows({ table, ids, y, rows: 11, columns: n });
    bench.expect(y, gather.gatherRows(table.values, ids.values, n), 0);
    return [y];
  },
  scatterAddRows(bench, n) {
    const [dy, ids, before] = [bench.numbers(11 * n), bench.ids(11, 7), bench.numbers(7 * n)];
    const table = bench.output(7 * n, before.values);
    bench.kernels.scatterAddRows({ dy, ids, table, rows: 11, columns: n });
    bench.expect(table, gather.scatterAddRows(dy.values, ids.values, before.values, n));
    return [table];
  },
  gatherTokens(bench, n) {
    const [x, ids] = [bench.numbers(3 * 5 * n), bench.ids(3 * 4, 5)];
    const y = bench.output(3 * 4 * n);
    bench.kernels.gatherTokens({ x, ids, y, batch: 3, tokens: 5, picks: 4, columns: n });
    bench.expect(y, gather.gatherTokens(x.values, ids.values, 5, 4, n), 0);
    return [y];
  },
  scatterAddTokens(bench, n) {
    const [dy, ids, before] = [bench.numbers(3 * 4 * n), bench.ids(3 * 4, 5), bench.numbers(3 * 5 * n)];
    const x = bench.output(3 * 5 * n, before.values);
    bench.kernels.scatterAddTokens({ dy, ids, x, batch: 3, tokens: 5, picks: 4, columns: n });
    bench.expect(x, gather.scatterAddTokens(dy.values, ids.values, before.values, 5, 4, n));
    return [x];
  },
  permute: (bench, n) =>
    (
      [
        [
          [1, 1, 1, 1, n, 5],
          [0, 0, 0, 0, 1, n],
        ],
        [
          [1, 1, 1, n, 3, 4],
          [0, 0, 0, 4, 4 * n, 1],
        ],
        [
          [2, 3, 1, 2, 2, n],
          [n, 2 * n, 0, 12 * n, 6 * n, 1],
        ],
        [
          [1, 1, 1, 2, 3, n],
          [0, 0, 0, 0, 0, 1],
        ],
      ] as const
    ).map(([shape, strides]) => {
      const x = bench.numbers(24 * n);
      const [n0, n1, n2, n3, n4, n5] = shape;
      const [s0, s1, s2, s3, s4, s5] = strides;
      const y = bench.output(shape.reduce<number>((size, length) => size * length, 1));
      bench.kernels.permute({ x, y, n0, n1, n2, n3, n4, n5, s0, s1, s2, s3, s4, s5 });
      bench.expect(y, permute(x.values, shape, strides), 0);
      return y;
    }),
  copyRows(bench, n) {
    const [x, before] = [bench.numbers(5 * (n + 3)), bench.numbers(5 * (n + 1))];
    const y = bench.output(5 * (n + 1), before.values);
    bench.kernels.copyRows({ x, y, rows: 5, columns: n, xStride: n + 3, yStride: n + 1 });
    bench.expect(y, copyRows(x.values, before.values, 5, n, n + 3, n + 1), 0);
    return [y];
  },
  batchNormStatistics(bench, n) {
    const x = bench.numbers(6 * n);
    const [mean, variance] = [bench.output(3), bench.output(3)];
    bench.kernels.batchNormStatistics({ x, mean, variance, batch: 2, channels: 3, size: n });
    const expected = batchNorm.batchNormStatistics(x.values, 3, n);
    bench.expect(mean, expected.mean);
    bench.expect(variance, expected.variance);
    return [mean, variance];
  },
  batchNorm(bench, n) {
    const [x, mean, variance] = [bench.numbers(6 * n), bench.numbers(3), bench.numbers(3, "positive")];
    const [weight, bias] = [bench.numbers(3), bench.numbers(3)];
    const y = bench.output(6 * n);
    bench.kernels.batchNorm({ x, mean, variance, weight, bias, y, batch: 2, channels: 3, size: n, epsilon: 0.25 });
    bench.expect(y, batchNorm.batchNorm(x.values, mean.values, variance.values, weight.values, bias.values, 3, n, 0.25));
    return [y];
  },
  batchNormBackward: batchNormBackward("batchNormBackward"),
  batchNormInferenceBackward: batchNormBackward("batchNormInferenceBackward"),
} satisfies Readonly<Record<string, KernelCase>>;
