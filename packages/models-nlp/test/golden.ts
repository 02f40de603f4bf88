/** PyTorch's numbers for tiny models: golden/<name>, written by tools/reference. */
import { fileURLToPath } from "node:url";
import { intTensor, openCheckpoint, type Tensor } from "@x/layers";
import { entry, type Golden } from "../../models-vision/test/golden.ts";

export { entry, expectClose, expectGradientsAgree, type Golden, goldenTensor } from "../../models-vision/test/golden.ts";

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

/** Ids, labels or a mask. */
export function goldenIds(golden: Golden, key: string): Tensor<"int32"> {
  const { shape, values } = entry(golden, key);
  return intTensor(Int32Array.from(values), shape);
}
