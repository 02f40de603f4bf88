/** Golden files: PyTorch's numbers, written by tools/reference/*.py. */
import { fileURLToPath } from "node:url";
import { type Checkpoint, openCheckpoint, tensor, type Tensor } from "../src/index.ts";

export interface Golden {
  readonly metadata: Checkpoint["metadata"];
  readonly names: readonly string[];
  has(name: string): boolean;
  shape(name: string): readonly number[];
  /** In float64. */
  values(name: string): Float64Array;
  tensor(name: string): Tensor;
}

export async function readGolden(file: string): Promise<Golden> {
  const checkpoint = await openCheckpoint(fileURLToPath(new URL(`../golden/${file}`, import.meta.url)));
  const entries = await readEntries(checkpoint);
  function entry(name: string): Entry {
    const found = entries.get(name);
    if (!found) throw new Error(`golden/${file} has no ${name}`);
    return found;
  }
  return {
    metadata: checkpoint.metadata,
    names: [...entries.keys()],
    has: (name) => entries.has(name),
    shape: (name) => entries.get(name)?.shape ?? [],
    values: (name) => Float64Array.from(entry(name).values),
    tensor: (name) => tensor(entry(name).values, entry(name).shape),
  };
}

export interface Entry {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** All that is in a checkpoint. */
export async function readEntries(checkpoint: Checkpoint): Promise<ReadonlyMap<string, Entry>> {
  const read = [...checkpoint.entries].map(([key, { shape }]) => {
    const values = new Float32Array(shape.reduce((product, length) => product * length, 1));
    return [key, { shape, values }] as const;
  });
  await checkpoint.readInto(read.map(([key, { shape, values }]) => [key, { shape, view: () => values }]));
  return new Map(read);
}
