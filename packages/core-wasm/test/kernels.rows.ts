/** Kernels over rows, columns and axes: broadcasting, softmax, norms, losses, reductions, gathers, copies. */
import { expect } from "vitest";
import * as batchNorm from "../reference/batch-norm.ts";
import { crossEntropy, crossEntropyBackward } from "../reference/cross-entropy.ts";
import * as elementwise from "../reference/elementwise.ts";
import * as gather from "../reference/gather.ts";
import { layerNorm, layerNormBackward, layerNormBackwardWeights } from "../reference/layer-norm.ts";
import { addRows, copyRows, permute } from "../reference/permute.ts";
import * as reduce from "../reference/reduce.ts";
import * as softmax from "../reference/softmax.ts";
import type { Bench, Output, KernelCase } from "./bench.ts";

type Binary = "add" | "subtract" | "multiply" | "divide" | "maximum" | "minimum";

/** (2, 3, 4, n) with each kind of repeating in b. */
const broadcast =
  (op: Binary): KernelCase =>
  (bench, n) =>
    (
      [
        [
          [3, 1, n],
          [0, n, 0, 1],
        ],
        [
          [2, 1, 4, 1],
          [4, 0, 1, 0],
        ],
        [
          [2, 3, 1, n],
          [3 * n, n, 0, 1],
        ],
      ] as const
    ).map(([shape, [b1, b2, b3, bInner]]) => {
      const a = bench.numbers(24 * n);
      const b = bench.numbers(
        shape.reduce<number>((size, length) => size * length, 1),
        "positive",
      );
      const y = bench.output(24 * n);
      bench.launch(`${op}Broadcast`, 24, a.pointer, b.pointer, y.pointer, 2, 3, 4, n, 0, 12 * n, 4 * n, n, 1, 0, b1, b2, b3, bInner);
      bench.expect(y, elementwise[op](a.values, b.values, [2, 3, 4, n], shape));
      return y;
    });

/** Rows of n columns. */
const byRow =
  (kernel: "softmax" | "logSoftmax"): KernelCase =>
  (bench, n) => {
    const x = bench.numbers(5 * n);
    const y = bench.output(5 * n);
    bench.launch(kernel, 5, x.pointer, y.pointer, n);
    bench.expect(y, softmax[kernel](x.values, n));
    return [y];
  };

const byRowBackward =
  (kernel: "softmax" | "logSoftmax"): KernelCase =>
  (bench, n) => {
    const y = bench.given(softmax[kernel](bench.numbers(5 * n).values, n));
    const dy = bench.numbers(5 * n);
    const dx = bench.output(5 * n);
    bench.launch(`${kernel}Backward`, 5, y.pointer, dy.pointer, dx.pointer, n);
    bench.expect(dx, softmax[`${kernel}Backward`](y.values, dy.values, n));
    return [dx];
  };

/** The middle axis, of length n, of (2, n, inner). */
const reduction =
  (kernel: "sum" | "mean" | "max"): KernelCase =>
  (bench, n) =>
    [1, 3, 21].map((inner) => {
      const x = bench.numbers(2 * n * inner);
      const y = bench.output(2 * inner);
      bench.launch(kernel, 2 * inner, x.pointer, y.pointer, n, inner);
      bench.expect(y, reduce[kernel](x.values, n, inner));
      return y;
    });

type Partials = "sumPartials" | "sumOfSquaresPartials";

/** n · 100 elements: up to five blocks of 4096. */
function total(bench: Bench, n: number, kernel: Partials): Output {
  const x = bench.numbers(100 * n);
  const blocks = Math.ceil((100 * n) / 4096);
  const [partials, y] = [bench.output(2 * blocks), bench.output(1)];
  bench.launch(kernel, blocks, x.pointer, partials.pointer, 100 * n);
  bench.launch("sumOfPartials", 1, partials.pointer, y.pointer, blocks);
  bench.expect(y, [kernel === "sumPartials" ? reduce.sumAll(x.values) : reduce.sumOfSquares(x.values)]);
  return y;
}

const batchNormBackward =
  (kernel: "batchNormBackward" | "batchNormInferenceBackward"): KernelCase =>
  (bench, n) => {
    const [x, dy, weight] = [bench.numbers(6 * n), bench.numbers(6 * n), bench.numbers(3)];
    const { mean, variance } = batchNorm.batchNormStatistics(x.values, 3, n);
    const [m, v] = [bench.given(mean), bench.given(variance)];
    const [dx, dw, db] = [bench.output(6 * n), bench.output(3), bench.output(3)];
    bench.launch(kernel, 3, x.pointer, m.pointer, v.pointer, weight.pointer, dy.pointer, dx.pointer, dw.pointer, db.pointer, 2, 3, n, 0.1);
    const expected = batchNorm[kernel](x.values, m.values, v.values, weight.values, dy.values, 3, n, Math.fround(0.1));
    for (const [output, values] of [
      [dx, expected.dx],
      [dw, expected.dw],
      [db, expected.db],
    ] as const)
      bench.expect(output, values, 1e-5);
    return [dx, dw, db];
  };

export const rows = {
  foldBatchNorm(bench, n) {
    const kernel = bench.numbers(3 * n);
    const [mean, weight, bias] = [bench.numbers(3), bench.numbers(3), bench.numbers(3)];
    const variance = bench.given(mean.values.map((value) => value * value));
    const y = bench.output(3 * (n + 1));
    // prettier-ignore
    bench.launch("foldBatchNorm", 3, kernel.pointer, mean.pointer, variance.pointer, weight.pointer, bias.pointer, y.pointer, n, 0.1);
    const expected = batchNorm.foldBatchNorm(kernel.values, mean.values, variance.values, weight.values, bias.values, n, Math.fround(0.1));
    bench.expect(y, expected);
    return [y];
  },
  addBroadcast: broadcast("add"),
  subtractBroadcast: broadcast("subtract"),
  multiplyBroadcast: broadcast("multiply"),
  divideBroadcast: broadcast("divide"),
  maximumBroadcast: broadcast("maximum"),
  minimumBroadcast: broadcast("minimum"),
  softmax: byRow("softmax"),
  softmaxBackward: byRowBackward("softmax"),
  logSoftmax: byRow("logSoftmax"),
  logSoftmaxBackward: byRowBackward("logSoftmax"),
  layerNorm(bench, n) {
    const [x, weight, bias] = [bench.numbers(4 * n), bench.numbers(n), bench.numbers(n)];
    const [y, mean, rstd] = [bench.output(4 * n), bench.output(4), bench.output(4)];
    bench.launch("layerNorm", 4, x.pointer, weight.pointer, bias.pointer, y.pointer, mean.pointer, rstd.pointer, n, 0.01);
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
    const { mean, rstd } = layerNorm(x.values, null, null, n, 0.01);
    const [m, r] = [bench.given(mean), bench.given(rstd)];
    const dx = bench.output(4 * n);
    bench.launch("layerNormBackward", 4, x.pointer, weight.pointer, m.pointer, r.pointer, dy.pointer, dx.pointer, n);
    bench.expect(dx, layerNormBackward(x.values, weight.values, m.values, r.values, dy.values, n));
    return [dx];
  },
  layerNormBackwardWeights(bench, n) {
    const [x, mean, rstd, dy] = [bench.numbers(4 * n), bench.numbers(4), bench.numbers(4, "positive"), bench.numbers(4 * n)];
    const [dw, db] = [bench.output(n), bench.output(n)];
    bench.launch("layerNormBackwardWeights", n, x.pointer, mean.pointer, rstd.pointer, dy.pointer, dw.pointer, db.pointer, 4, n);
    const expected = layerNormBackwardWeights(x.values, mean.values, rstd.values, dy.values, n);
    bench.expect(dw, expected.dw);
    bench.expect(db, expected.db);
    return [dw, db];
  },
  crossEntropy: (bench, n) =>
    [0, 0.1].flatMap((smoothing) => {
      const [logits, labels] = [bench.numbers(4 * n), bench.integers([0, n - 1, -7, n >> 1])];
      const [loss, logSumExp] = [bench.output(4), bench.output(4)];
      bench.launch("crossEntropy", 4, logits.pointer, labels.pointer, loss.pointer, logSumExp.pointer, n, -7, smoothing);
      const expected = crossEntropy(logits.values, labels.values, n, -7, smoothing);
      bench.expect(loss, expected.loss);
      return [loss];
    }),
  crossEntropyBackward: (bench, n) =>
    [0, 0.1].map((smoothing) => {
      const [logits, labels, dLoss] = [bench.numbers(4 * n), bench.integers([0, n - 1, -7, n >> 1]), bench.numbers(4)];
      const logSumExp = bench.given(crossEntropy(logits.values, labels.values, n, -7, smoothing).logSumExp);
      const dx = bench.output(4 * n);
      bench.launch(
        "crossEntropyBackward",
        4,
        logits.pointer,
        labels.pointer,
        logSumExp.pointer,
        dLoss.pointer,
        dx.pointer,
        n,
        -7,
        smoothing,
      );
      bench.expect(dx, crossEntropyBackward(logits.values, labels.values, logSumExp.values, dLoss.values, n, -7, smoothing));
      return dx;
    }),
  sum: reduction("sum"),
  mean: reduction("mean"),
  max: reduction("max"),
  maxBackward: (bench, n) =>
    [1, 3, 21].map((inner) => {
      const [x, dy] = [bench.numbers(2 * n * inner, "halves"), bench.numbers(2 * inner)];
      const y = bench.given(reduce.max(x.values, n, inner));
      const dx = bench.output(2 * n * inner);
      bench.launch("maxBackward", 2 * inner, x.pointer, y.pointer, dy.pointer, dx.pointer, n, inner);
      bench.expect(dx, reduce.maxBackward(x.values, y.values, dy.values, n, inner));
      return dx;
    }),
  argmax(bench, n) {
    const x = bench.numbers(7 * n, "halves");
    const y = bench.output(7);
    bench.launch("argmax", 7, x.pointer, y.pointer, n);
    expect([...bench.bits(y)]).toEqual([...reduce.argmax(x.values, n)]);
    return [];
  },
  sumPartials: (bench, n) => [total(bench, n, "sumPartials")],
  sumOfSquaresPartials: (bench, n) => [total(bench, n, "sumOfSquaresPartials")],
  sumOfPartials(bench, n) {
    const x = Float64Array.from({ length: n }, () => bench.next());
    const y = bench.output(1);
    bench.launch("sumOfPartials", 1, bench.bytes(x), y.pointer, n);
    bench.expect(y, [reduce.sumAll(x)]);
    return [y];
  },
  gatherRows(bench, n) {
    const [table, ids] = [bench.numbers(7 * n), bench.ids(11, 7)];
    const y = bench.output(11 * n);
    bench.launch("gatherRows", 11, table.pointer, ids.pointer, y.pointer, n);
    bench.expect(y, gather.gatherRows(table.values, ids.values, n), 0);
    return [y];
  },
  scatterAddRows(bench, n) {
    const [dy, ids, before] = [bench.numbers(11 * n), bench.ids(11, 7), bench.numbers(7 * n)];
    const table = bench.output(7 * n, before.values);
    bench.launch("scatterAddRows", n, dy.pointer, ids.pointer, table.pointer, 11, n);
    bench.expect(table, gather.scatterAddRows(dy.values, ids.values, before.values, n));
    return [table];
  },
  gatherTokens(bench, n) {
    const [x, ids] = [bench.numbers(3 * 5 * n), bench.ids(3 * 4, 5)];
    const y = bench.output(3 * 4 * n);
    bench.launch("gatherTokens", 12, x.pointer, ids.pointer, y.pointer, 5, 4, n);
    bench.expect(y, gather.gatherTokens(x.values, ids.values, 5, 4, n), 0);
    return [y];
  },
  scatterAddTokens(bench, n) {
    const [dy, ids, before] = [bench.numbers(3 * 4 * n), bench.ids(3 * 4, 5), bench.numbers(3 * 5 * n)];
    const x = bench.output(3 * 5 * n, before.values);
    bench.launch("scatterAddTokens", 3, dy.pointer, ids.pointer, x.pointer, 5, 4, n);
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
      const [, n1, n2, n3, n4, n5] = shape;
      const [s0, s1, s2, s3, s4, s5] = strides;
      const y = bench.output(shape.reduce<number>((size, length) => size * length, 1));
      bench.launch("permute", y.length / n5, x.pointer, y.pointer, n1, n2, n3, n4, n5, s0, s1, s2, s3, s4, s5);
      bench.expect(y, permute(x.values, shape, strides), 0);
      return y;
    }),
  copyRows(bench, n) {
    const [x, before] = [bench.numbers(5 * (n + 3)), bench.numbers(5 * (n + 1))];
    const y = bench.output(5 * (n + 1), before.values);
    bench.launch("copyRows", 5, x.pointer, y.pointer, n, n + 3, n + 1);
    bench.expect(y, copyRows(x.values, before.values, 5, n, n + 3, n + 1), 0);
    return [y];
  },
  addRows(bench, n) {
    const [x, before] = [bench.numbers(5 * (n + 3)), bench.numbers(5 * (n + 1))];
    const y = bench.output(5 * (n + 1), before.values);
    bench.launch("addRows", 5, x.pointer, y.pointer, n, n + 3, n + 1);
    bench.expect(y, addRows(x.values, before.values, 5, n, n + 3, n + 1));
    return [y];
  },
  batchNormStatistics(bench, n) {
    const x = bench.numbers(6 * n);
    const [mean, variance] = [bench.output(3), bench.output(3)];
    bench.launch("batchNormStatistics", 3, x.pointer, mean.pointer, variance.pointer, 2, 3, n);
    const expected = batchNorm.batchNormStatistics(x.values, 3, n);
    bench.expect(mean, expected.mean);
    bench.expect(variance, expected.variance);
    return [mean, variance];
  },
  batchNorm(bench, n) {
    const [x, mean, variance, weight, bias] = [
      bench.numbers(6 * n),
      bench.numbers(3),
      bench.numbers(3, "positive"),
      bench.numbers(3),
      bench.numbers(3),
    ];
    const y = bench.output(6 * n);
    bench.launch("batchNorm", 6, x.pointer, mean.pointer, variance.pointer, weight.pointer, bias.pointer, y.pointer, 3, n, 0.25);
    bench.expect(y, batchNorm.batchNorm(x.values, mean.values, variance.values, weight.values, bias.values, 3, n, 0.25));
    return [y];
  },
  batchNormBackward: batchNormBackward("batchNormBackward"),
  batchNormInferenceBackward: batchNormBackward("batchNormInferenceBackward"),
} satisfies Readonly<Record<string, KernelCase>>;
