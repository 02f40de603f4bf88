/** Compares a model with PyTorch's own numbers for the same weights: golden/<name>, written by tools/reference/vision.py. */
import { fileURLToPath } from "node:url";
import {
  backward,
  crossEntropy,
  intTensor,
  type Module,
  openCheckpoint,
  scope,
  tensor,
  type Tensor,
  tensorsToSave,
  type WeightLayout,
} from "@x/layers";
import { expect } from "vitest";

export const goldenFolder = (name: string): string => fileURLToPath(new URL(`../golden/${name}`, import.meta.url));

export type Golden = ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: Float32Array }>;

export async function readGolden(name: string): Promise<Golden> {
  const checkpoint = await openCheckpoint(`${goldenFolder(name)}/golden.safetensors`);
  const read = [...checkpoint.entries].map(([key, { shape }]) => {
    const values = new Float32Array(shape.reduce((product, length) => product * length, 1));
    return [key, { shape, values }] as const;
  });
  await checkpoint.readInto(read.map(([key, { shape, values }]) => [key, { shape, view: () => values }]));
  return new Map(read);
}

export function goldenTensor(golden: Golden, key: string): Tensor {
  const { values, shape } = entry(golden, key);
  return tensor(values, shape);
}

/** Every number within `tolerance` of its golden one, relative to 1 or to the largest golden magnitude if that is larger. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-5, what = "values"): void {
  expect(actual.length, `${what}: length`).toBe(expected.length);
  const scale = Math.max(1, ...Array.from(expected, Math.abs));
  const worst = Array.from(expected, (value, i) => Math.abs((actual[i] ?? Number.NaN) - value)).reduce(
    (a, b) => (b > a || Number.isNaN(b) ? b : a),
    0,
  );
  expect(worst, `${what}: largest difference`).toBeLessThanOrEqual(tolerance * scale);
}

/** Logits, mean cross-entropy, and the gradient of every parameter that has one, under the file's own key names. */
export async function expectClassifierAgrees(
  name: string,
  model: Module & { forward(images: Tensor): Tensor },
  layout: WeightLayout,
): Promise<void> {
  const golden = await readGolden(name);
  scope(() => {
    const logits = model.forward(goldenTensor(golden, "pixel_values"));
    expectClose(logits.data, entry(golden, "logits").values, 1e-5, "logits");
    const loss = crossEntropy(logits, intTensor(entry(golden, "labels").values));
    expectClose(loss.data, entry(golden, "loss").values, 1e-5, "loss");
    backward(loss);
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
      return [key, parts.flatMap((part) => Array.from(part.view()))] as const;
    }),
  );
  const expected = [...golden.keys()].filter((key) => key.startsWith("grad."));
  expect([...byKey.keys()].sort()).toEqual(expected.map((key) => key.slice("grad.".length)).sort());
  for (const [key, values] of byKey) expectClose(values, entry(golden, `grad.${key}`).values, 1e-5, `gradient of ${key}`);
}

export function entry(golden: Golden, key: string): { readonly shape: readonly number[]; readonly values: Float32Array } {
  const found = golden.get(key);
  if (!found) throw new Error(`the golden file has no ${key}`);
  return found;
}
