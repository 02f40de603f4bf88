import { intTensor, openCheckpoint, tensor, type Tensor } from "@x/layers";

export interface Numbers {
  readonly shape: readonly number[];
  readonly values: Float32Array<ArrayBuffer>;
}

export type Golden = ReadonlyMap<string, Numbers>;

/** Every entry of a safetensors file. */
export async function readGolden(file: Uint8Array<ArrayBuffer>): Promise<Golden> {
  const checkpoint = await openCheckpoint(file);
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

export function goldenIds(golden: Golden, key: string): Tensor<"int32"> {
  const { values, shape } = entry(golden, key);
  return intTensor(Int32Array.from(values), shape);
}

/** @throws Error when the file has no such entry */
export function entry(golden: Golden, key: string): Numbers {
  const found = golden.get(key);
  if (!found) throw new Error(`the golden file has no ${key}`);
  return found;
}
