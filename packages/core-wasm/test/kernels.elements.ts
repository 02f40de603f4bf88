/** Kernels whose unit is an element: the pool splits them at multiples of 64 only. */
import { activate, activateBackward } from "../reference/activate.ts";
import { adamW } from "../reference/adamw.ts";
import * as arithmetic from "../reference/arithmetic.ts";
import { dropout } from "../reference/dropout.ts";
import { full } from "../reference/full.ts";
import * as random from "../reference/random.ts";
import { sgd } from "../reference/sgd.ts";
import * as unary from "../reference/unary.ts";
import type { KernelCase } from "./bench.ts";
import { activations, usualBeside } from "./kernels.usual.ts";

const stream = { seed: 123, stream: 6 };

const special = {
  activate: (bench, n) =>
    activations.map((activation) => {
      const x = bench.numbers(n);
      const y = bench.output(n);
      bench.kernels.activate({ x, y, activation, size: n });
      bench.expect(y, activate(x.values, activation));
      return y;
    }),
  activateBackward: (bench, n) =>
    activations.map((activation) => {
      const [saved, dy] = [bench.numbers(n), bench.numbers(n)];
      const dx = bench.output(n);
      bench.kernels.activateBackward({ saved, dy, dx, activation, size: n });
      bench.expect(dx, activateBackward(saved.values, dy.values, activation));
      return dx;
    }),
  maximumBackward(bench, n) {
    const [a, b, dy] = [bench.numbers(n, "halves"), bench.numbers(n, "halves"), bench.numbers(n)];
    const [da, db] = [bench.output(n), bench.output(n)];
    bench.kernels.maximumBackward({ a, b, dy, da, db, size: n });
    const expected = arithmetic.maximumBackward(a.values, b.values, dy.values);
    bench.expect(da, expected.da);
    bench.expect(db, expected.db);
    return [da, db];
  },
  scaleAndShift(bench, n) {
    const x = bench.numbers(n);
    const y = bench.output(n);
    bench.kernels.scaleAndShift({ x, y, scale: 1.5, shift: -0.25, size: n });
    bench.expect(y, arithmetic.scaleAndShift(x.values, 1.5, -0.25));
    return [y];
  },
  accumulate(bench, n) {
    const [x, before] = [bench.numbers(n), bench.numbers(n)];
    const y = bench.output(n, before.values);
    bench.kernels.accumulate({ x, y, size: n });
    bench.expect(y, arithmetic.accumulate(x.values, before.values));
    return [y];
  },
  clamp(bench, n) {
    const x = bench.numbers(n);
    const y = bench.output(n);
    bench.kernels.clamp({ x, y, low: -0.5, high: 1, size: n });
    bench.expect(y, unary.clamp(x.values, -0.5, 1), 0);
    return [y];
  },
  clampBackward(bench, n) {
    const [x, dy] = [bench.numbers(n, "halves"), bench.numbers(n)];
    const dx = bench.output(n);
    bench.kernels.clampBackward({ x, dy, dx, low: -0.5, high: 1, size: n });
    bench.expect(dx, unary.clampBackward(x.values, dy.values, -0.5, 1), 0);
    return [dx];
  },
  pow: (bench, n) =>
    [3, 0.5, -1.5].map((exponent) => {
      const x = bench.numbers(n, "positive");
      const y = bench.output(n);
      bench.kernels.pow({ x, y, exponent, size: n });
      bench.expect(y, unary.pow(x.values, exponent));
      return y;
    }),
  full(bench, n) {
    const y = bench.output(n);
    bench.kernels.full({ y, value: 2.5, size: n });
    bench.expect(y, full(n, 2.5), 0);
    return [y];
  },
  dropout(bench, n) {
    const x = bench.numbers(n);
    const y = bench.output(n);
    bench.kernels.dropout({ x, y, keep: 0.75, ...stream, size: n });
    bench.expect(y, dropout(x.values, 0.75, stream));
    return [y];
  },
  adamW(bench, n) {
    const [p, gradient, mean, square] = [bench.numbers(n), bench.numbers(n), bench.numbers(n), bench.numbers(n, "positive")];
    const [parameter, m, v] = [bench.output(n, p.values), bench.output(n, mean.values), bench.output(n, square.values)];
    const [beta1, beta2, step] = [0.9, 0.999, 3];
    const common = { rate: 0.1, epsilon: 1e-8, weightDecay: 0.01 };
    const corrections = { correction1: 1 - beta1 ** step, correction2: 1 - beta2 ** step };
    bench.kernels.adamW({ parameter, gradient, m, v, ...common, mix1: 1 - beta1, mix2: 1 - beta2, ...corrections, size: n });
    const expected = adamW(p.values, gradient.values, mean.values, square.values, { ...common, beta1, beta2, step });
    bench.expect(parameter, expected.parameter);
    bench.expect(m, expected.m);
    bench.expect(v, expected.v);
    return [parameter, m, v];
  },
  sgd(bench, n) {
    const [p, gradient, v] = [bench.numbers(n), bench.numbers(n), bench.numbers(n)];
    const [parameter, velocity] = [bench.output(n, p.values), bench.output(n, v.values)];
    bench.kernels.sgd({ parameter, gradient, velocity, rate: 0.1, momentum: 0.9, weightDecay: 0.01, size: n });
    const expected = sgd(p.values, gradient.values, v.values, 0.1, 0.9, 0.01);
    bench.expect(parameter, expected.parameter);
    bench.expect(velocity, expected.velocity);
    return [parameter, velocity];
  },
  uniform(bench, n) {
    const y = bench.output(n);
    bench.kernels.uniform({ y, ...stream, size: n });
    bench.expect(y, random.uniform(n, stream), 0);
    return [y];
  },
  normal(bench, n) {
    const y = bench.output(n);
    bench.kernels.normal({ y, mean: 0.5, deviation: 2, ...stream, size: n });
    bench.expect(y, random.normal(n, 0.5, 2, stream));
    return [y];
  },
  truncatedNormal(bench, n) {
    const y = bench.output(n);
    bench.kernels.truncatedNormal({ y, mean: 0.5, deviation: 2, low: -1, high: 3, ...stream, size: n });
    bench.expect(y, random.truncatedNormal(n, 0.5, 2, -1, 3, stream));
    return [y];
  },
  bernoulli(bench, n) {
    const y = bench.output(n);
    bench.kernels.bernoulli({ y, probability: 0.25, value: 4, ...stream, size: n });
    bench.expect(y, random.bernoulli(n, 0.25, 4, stream), 0);
    return [y];
  },
} satisfies Readonly<Record<string, KernelCase>>;

export const elements: Readonly<Record<string, KernelCase>> = { ...usualBeside(special), ...special };
