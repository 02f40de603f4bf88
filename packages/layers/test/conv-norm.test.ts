import fc from "fast-check";
import { checkForLeaks, expectClose, forAll, normal } from "@x/testing";
import { beforeAll, describe, expect, test } from "vitest";
import {
  add,
  BatchNorm2d,
  backward,
  Conv2d,
  convBatchNorm,
  convNorm,
  init,
  liveBytes,
  mean,
  noGrad,
  Rng,
  scope,
  ShapeError,
  square,
  type Tensor,
  TensorError,
} from "../src/index.ts";
import { watchKernels } from "./watch-kernels.ts";

beforeAll(() => init());
checkForLeaks();

/** The values first: making them may move the memory. */
function write(target: Tensor, values: Tensor): void {
  const copied = values.toTypedArray();
  target.data.set(copied);
}

/** A convolution, and a norm with statistics of its own. */
function layersOf(channels: number, out: number, kernel: number, stride: number, padding: number) {
  const conv = new Conv2d(channels, out, kernel, { stride, padding, bias: false }).initialize(new Rng(1));
  const norm = new BatchNorm2d(out).eval();
  for (const [i, target] of [norm.weight, norm.bias, norm.runningMean].entries()) write(target, normal([out], 2 + i));
  write(norm.runningVar, add(square(normal([out], 5)), 0.1));
  return { conv, norm, [Symbol.dispose]: () => [conv, norm].forEach((layer) => layer.dispose()) };
}

const geometry = fc.record({
  batch: fc.integer({ min: 0, max: 3 }),
  channels: fc.integer({ min: 1, max: 5 }),
  out: fc.integer({ min: 1, max: 13 }),
  side: fc.integer({ min: 3, max: 19 }),
  kernel: fc.constantFrom(1, 3),
  stride: fc.constantFrom(1, 2),
  padding: fc.constantFrom(0, 1),
});

describe("convNorm", () => {
  test("as one product it gives what convolution, norm, sum and activation give one after the other", () => {
    forAll(geometry, ({ batch, channels, out, side, kernel, stride, padding }) => {
      using layers = layersOf(channels, out, kernel, stride, padding);
      const x = normal([batch, channels, side, side + 5], 7);
      const recorded = convNorm(x, layers.conv, layers.norm); // parameters want gradients, so step by step
      const residual = normal(recorded.shape, 8);
      for (const options of [{}, { activation: "relu" }, { residual, activation: "relu" }, { residual, activation: "sigmoid" }] as const) {
        const together = noGrad(() => convNorm(x, layers.conv, layers.norm, options));
        expectClose(together.toTypedArray(), convNorm(x, layers.conv, layers.norm, options).data, "together", 1e-5);
      }
    });
  });

  test("a batch of more tiles than are held at a time", () =>
    scope(() => {
      using layers = layersOf(1, 1, 3, 1, 1);
      const x = normal([65, 1, 128, 128], 7);
      const together = noGrad(() => convNorm(x, layers.conv, layers.norm));
      expectClose(together.toTypedArray(), convNorm(x, layers.conv, layers.norm).data, "together", 1e-5);
    }));

  test("a 3 × 3 weight's transform is made once, again when the weight has changed, and goes with it", () =>
    scope(() => {
      const layers = layersOf(2, 3, 3, 1, 1);
      const { conv, norm } = layers;
      const live = liveBytes();
      const run = (): Float32Array => scope(() => noGrad(() => convNorm(normal([1, 2, 5, 5], 9), conv, norm)).toTypedArray());
      using watch = watchKernels();
      const transforms = (): number => watch.launched.filter((kernel) => kernel === "winogradKernels").length;
      const before = run();
      expect(run()).toEqual(before);
      expect(transforms()).toBe(1);
      expect(liveBytes()).toBeGreaterThan(live);

      norm.bias.data.fill(3);
      norm.runningMean.data.fill(1);
      const shifted = run();
      expect(transforms()).toBe(1);
      expect(shifted).not.toEqual(before);

      conv.weight.data.fill(0);
      expect(liveBytes()).toBe(live);
      const constant = run();
      expect(transforms()).toBe(2);
      expect(new Set(constant.slice(0, 25)).size).toBe(1);

      const other = layersOf(2, 3, 3, 1, 1);
      conv.weight.exchange(other.conv.weight);
      expect(run(), "exchanged").not.toEqual(constant);
      conv.weight.exchange(other.conv.weight);
      expect(run(), "and back").toEqual(constant);
      for (const each of [layers, other]) each[Symbol.dispose]();
    }));

  test("in training the norm follows the batch, and gradients reach all of it", () =>
    scope(() => {
      using layers = layersOf(2, 3, 3, 1, 1);
      layers.norm.train();
      const before = [...layers.norm.runningMean.data];
      const y = convNorm(normal([2, 2, 5, 5], 9), layers.conv, layers.norm, { activation: "relu" });
      backward(mean(y));
      expect([...layers.norm.runningMean.toTypedArray()]).not.toEqual(before);
      for (const { grad } of [layers.conv.weight, layers.norm.weight, layers.norm.bias]) expect(grad).toBeDefined();
    }));

  test("the op says what doesn't fit, and that it has no gradient", () =>
    scope(() => {
      using layers = layersOf(2, 3, 3, 1, 1);
      const { conv, norm } = layers;
      const constants = { weight: norm.weight, bias: norm.bias, mean: norm.runningMean, variance: norm.runningVar, eps: norm.eps };
      const x = normal([1, 2, 5, 5], 9);
      expect(() => convBatchNorm(x, conv.weight, constants)).toThrow(TensorError);
      noGrad(() => {
        expect(() => convBatchNorm(x, conv.weight, constants, { residual: x })).toThrow(ShapeError);
        expect(() => convBatchNorm(normal([1, 3, 5, 5], 9), conv.weight, constants)).toThrow(/x must be \(B, C, H, W\)/);
      });
    }));
});
