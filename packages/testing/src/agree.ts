/** A model beside PyTorch's own numbers for the same weights. */
import { expect } from "vitest";
import { AdamW, backward, type Module, type Parameter, scope, type Tensor } from "@x/layers";
import { type WeightLayout } from "@x/layers/model";
import { tensorsToSave } from "@x/layers/save";
import { expectClose } from "./close.ts";
import type { Golden } from "./golden.ts";

/** The loss, and the gradient of every parameter that has one. */
export function expectTrainingAgrees(golden: Golden, model: Module, layout: WeightLayout, loss: () => Tensor): void {
  scope(() => {
    const value = loss();
    expectClose(value.toTypedArray(), golden.values("loss"), "loss");
    backward(value);
    expectGradientsAgree(golden, model, layout);
    model.zeroGrad();
  });
}

/** Every `grad.<key>` of the golden file against the model's own, and none missing on either side. */
export function expectGradientsAgree(golden: Golden, model: Module, layout: WeightLayout): void {
  const gradients = new Map(
    [...model.namedParameters()].flatMap(([path, { grad, shape }]) => (grad ? [[path, { shape, view: () => grad.data }] as const] : [])),
  );
  const byKey = new Map(
    [...tensorsToSave(gradients, layout)].map(([key, made]) => {
      const parts = "view" in made ? [made] : made;
      const stored = parts.map(({ view, shape: [rows = 1], transpose }) => (transpose ? transposed(view(), rows) : view()));
      return [key, stored.flatMap((values) => Array.from(values))] as const;
    }),
  );
  expect([...byKey.keys()].sort()).toEqual(golden.namesAfter("grad."));
  for (const [key, values] of byKey) expectClose(values, golden.values(`grad.${key}`), `gradient of ${key}`);
}

/** Steps of AdamW with the settings of tools/reference/vision.py, as many as the golden file has losses. */
export function expectLossesAgree(golden: Golden, parameters: readonly Parameter[], loss: () => Tensor): void {
  using optimizer = new AdamW(parameters, { learningRate: 3e-3, weightDecay: 0.05 });
  const expected = golden.values("losses");
  const losses = Array.from(expected, () =>
    scope(() => {
      const value = loss();
      backward(value);
      optimizer.step();
      optimizer.zeroGrad();
      return value.item();
    }),
  );
  expectClose(losses, expected, "losses", 1e-4);
}

/** A matrix of `rows` rows, the other way round. */
export function transposed(values: ArrayLike<number>, rows: number): Float32Array {
  const columns = values.length / rows;
  return Float32Array.from({ length: values.length }, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)] ?? Number.NaN);
}
