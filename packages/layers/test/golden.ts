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
  const values = new Map([...checkpoint.entries].map(([name, { shape }]) => [name, new Float32Array(shape.reduce((n, m) => n * m, 1))]));
  await checkpoint.readInto([...checkpoint.entries].map(([name, { shape }]) => [name, { shape, view: () => read(name) }]));
  function read(name: string): Float32Array {
    const found = values.get(name);
    if (!found) throw new Error(`golden/${file} has no ${name}`);
    return found;
  }
  return {
    metadata: checkpoint.metadata,
    names: [...checkpoint.entries.keys()],
    has: (name) => values.has(name),
    shape: (name) => checkpoint.entries.get(name)?.shape ?? [],
    values: (name) => Float64Array.from(read(name)),
    tensor: (name) => tensor(read(name), checkpoint.entries.get(name)?.shape ?? []),
  };
}
