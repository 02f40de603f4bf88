/** The check of gradients can fail: whatever is wrong in the gradient of one parameter, it says so. */
import { add, crossEntropy, gelu, init, intTensor, Linear, Module, Rng, tensor, type Tensor } from "@x/layers";
import { record } from "@x/layers/model";
import { beforeAll, describe, expect, test } from "vitest";
import { checkForLeaks, expectGradientsAreSlopes, normal } from "../src/index.ts";

beforeAll(() => init({ threads: 1 }));
checkForLeaks();

/** Two layers, and a shift whose gradient is `distorted` on its way back. */
class Distorted extends Module {
  readonly first = new Linear(6, 16);
  readonly shift = new Linear(16, 1, { bias: false });
  readonly second = new Linear(16, 4);
  readonly distort: (gradient: Float32Array) => Float32Array | undefined;

  constructor(distort: (gradient: Float32Array) => Float32Array | undefined) {
    super();
    this.distort = distort;
    this.initialize(new Rng(1));
  }

  forward(x: Tensor): Tensor {
    const { weight } = this.shift;
    const shift = record("distorted", weight.view(weight.shape), [weight], (dy) => {
      const dx = this.distort(dy.toTypedArray());
      return [dx && tensor(dx, dy.shape)];
    });
    return this.second.forward(gelu(add(this.first.forward(x), shift)));
  }
}

function check(distort: (gradient: Float32Array) => Float32Array | undefined, scale = 1): void {
  using model = new Distorted((gradient) => distort(gradient));
  model.second.weight.data.forEach((weight, i, all) => (all[i] = scale * weight));
  using x = normal([8, 6], 2);
  using labels = intTensor([0, 1, 2, 3, 0, 1, 2, 3]);
  const before = model.shift.weight.toTypedArray();
  expectGradientsAreSlopes(model, () => crossEntropy(model.forward(x), labels));
  expect(model.shift.weight.toTypedArray()).toEqual(before);
}

test("a right gradient passes, and the weights are as they were", () => check((gradient) => gradient));

describe.each([
  ["of the usual size", 1],
  ["a hundred times smaller, below 0.002", 0.01],
])("a gradient %s", (_, scale) => {
  test.each<[string, (gradient: Float32Array) => Float32Array | undefined]>([
    ["is 5 % too long", (gradient) => gradient.map((value) => 1.05 * value)],
    ["has the wrong sign", (gradient) => gradient.map((value) => -value)],
    ["is 0", (gradient) => gradient.map(() => 0)],
    ["is missing", () => undefined],
    ["is in another order", (gradient) => gradient.toReversed()],
    [
      "lacks its largest element",
      (gradient) => gradient.map((value, _i, all) => (Math.abs(value) === Math.max(...all.map(Math.abs)) ? 0 : value)),
    ],
    ["is NaN", (gradient) => gradient.map(() => Number.NaN)],
  ])("that %s is found", (_name, distort) => {
    check((gradient) => gradient, scale);
    expect(() => check(distort, scale)).toThrow(/shift\.weight: the loss moves by/);
  });
});
