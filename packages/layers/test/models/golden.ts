/** Compares a model with PyTorch's own numbers for the same weights, which a package has in golden/<name>. */
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import {
  backward,
  intTensor,
  type Module,
  openCheckpoint,
  scope,
  tensor,
  type Tensor,
  tensorsToSave,
  type WeightLayout,
} from "../../src/index.ts";
import { expectClose as expectNumbersClose } from "../checks.ts";
import { type Entry, readEntries } from "../golden.ts";

export type Golden = ReadonlyMap<string, Entry>;

/** The golden folders of a package: the one named, and what is in its golden.safetensors. */
export function goldensOf(folder: URL): { goldenFolder(name: string): string; readGolden(name: string): Promise<Golden> } {
  const goldenFolder = (name: string): string => fileURLToPath(new URL(name, folder));
  return { goldenFolder, readGolden: async (name) => readEntries(await openCheckpoint(`${goldenFolder(name)}/golden.safetensors`)) };
}

export function entry(golden: Golden, key: string): Entry {
  const found = golden.get(key);
  if (!found) throw new Error(`the golden file has no ${key}`);
  return found;
}

export function goldenTensor(golden: Golden, key: string): Tensor {
  const { values, shape } = entry(golden, key);
  return tensor(values, shape);
}

/** Ids, labels or a mask. */
export function goldenIds(golden: Golden, key: string): Tensor<"int32"> {
  const { shape, values } = entry(golden, key);
  return intTensor(Int32Array.from(values), shape);
}

/** Every number within `tolerance` of its golden one, relative to 1 or to the largest golden magnitude if that is larger. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-5, what = "values"): void {
  expectNumbersClose(actual, expected, what, tolerance);
}

/** The loss, and the gradient of every parameter that has one. */
export function expectTrainingAgrees(golden: Golden, model: Module, layout: WeightLayout, loss: () => Tensor): void {
  scope(() => {
    const value = loss();
    expectClose(value.data, entry(golden, "loss").values, 1e-5, "loss");
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
  const expected = [...golden.keys()].filter((key) => key.startsWith("grad."));
  expect([...byKey.keys()].sort()).toEqual(expected.map((key) => key.slice("grad.".length)).sort());
  for (const [key, values] of byKey) expectClose(values, entry(golden, `grad.${key}`).values, 1e-5, `gradient of ${key}`);
}

/** A matrix of `rows` rows, the other way round. */
export function transposed(values: ArrayLike<number>, rows: number): Float32Array {
  const columns = values.length / rows;
  return Float32Array.from({ length: values.length }, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)] ?? Number.NaN);
}
