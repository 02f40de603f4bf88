/** PyTorch's numbers for tiny CLIPs: golden/<name>, written by tools/reference/clip.py. */
import { fileURLToPath } from "node:url";
import { intTensor, type Module, openCheckpoint, type Tensor, tensorsToSave, type WeightLayout } from "@x/layers";
import { expect } from "vitest";
import type { CLIP } from "../src/index.ts";
import { entry, expectClose, type Golden, goldenTensor } from "../../models-vision/test/golden.ts";

export { entry, expectClose, type Golden, goldenTensor } from "../../models-vision/test/golden.ts";

export const goldenFolder = (name: string): string => fileURLToPath(new URL(`../golden/${name}`, import.meta.url));

export async function readGolden(name: string): Promise<Golden> {
  const checkpoint = await openCheckpoint(`${goldenFolder(name)}/golden.safetensors`);
  const read = [...checkpoint.entries].map(([key, { shape }]) => {
    const values = new Float32Array(shape.reduce((product, length) => product * length, 1));
    return [key, { shape, values }] as const;
  });
  await checkpoint.readInto(read.map(([key, { shape, values }]) => [key, { shape, view: () => values }]));
  return new Map(read);
}

/** Ids or a mask. */
export function goldenIds(golden: Golden, key: string): Tensor<"int32"> {
  const { shape, values } = entry(golden, key);
  return intTensor(Int32Array.from(values), shape);
}

/** The arguments of `forward`. */
export function goldenInputs(golden: Golden): Parameters<CLIP["forward"]> {
  const [images, inputIds] = [goldenTensor(golden, "pixel_values"), goldenIds(golden, "input_ids")];
  return golden.has("attention_mask") ? [images, inputIds, goldenIds(golden, "attention_mask")] : [images, inputIds];
}

/** Every `grad.<key>` of the golden file against the model's own, and none missing on either side. */
export function expectGradientsAgree(golden: Golden, model: Module, layout: WeightLayout): void {
  const gradients = new Map(
    [...model.namedParameters()].flatMap(([path, { grad, shape }]) => (grad ? [[path, { shape, view: () => grad.data }] as const] : [])),
  );
  const byKey = new Map(
    [...tensorsToSave(gradients, layout)].flatMap(([key, made]) =>
      "view" in made ? [[key, made.transpose ? transposed(made.view(), made.shape[0] ?? 1) : made.view()] as const] : [],
    ),
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
