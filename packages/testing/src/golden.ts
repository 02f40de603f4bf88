/** Golden files: PyTorch's numbers, written by tools/reference/*.py. */
import { fileURLToPath } from "node:url";
import { type Checkpoint, intTensor, openCheckpoint, type Shape, tensor, type Tensor } from "@x/layers";

export interface Entry {
  readonly shape: Shape;
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

/** A golden file: its numbers by name. A name that it doesn't have is an error. */
export class Golden {
  readonly file: string;
  readonly metadata: Checkpoint["metadata"];
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(file: string, metadata: Checkpoint["metadata"], entries: ReadonlyMap<string, Entry>) {
    this.file = file;
    this.metadata = metadata;
    this.#entries = entries;
  }

  static async read(file: URL): Promise<Golden> {
    const checkpoint = await openCheckpoint(fileURLToPath(file));
    return new Golden(file.pathname, checkpoint.metadata, await readEntries(checkpoint));
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** What comes after `prefix` in the names that begin with it, sorted. */
  namesAfter(prefix: string): string[] {
    return this.names
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length))
      .sort();
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  shape(name: string): Shape {
    return this.#entry(name).shape;
  }

  /** In float64. */
  values(name: string): Float64Array {
    return Float64Array.from(this.#entry(name).values);
  }

  tensor(name: string): Tensor {
    const { values, shape } = this.#entry(name);
    return tensor(values, shape);
  }

  /** Ids, labels or a mask. */
  ids(name: string): Tensor<"int32"> {
    const { values, shape } = this.#entry(name);
    return intTensor(Int32Array.from(values), shape);
  }

  #entry(name: string): Entry {
    const found = this.#entries.get(name);
    if (!found) throw new Error(`${this.file} has no ${name}`);
    return found;
  }
}

/** A package's golden folders: where the one named is, and what is in its golden.safetensors. */
export interface Goldens {
  goldenFolder(name: string): string;
  readGolden(name: string): Promise<Golden>;
}

export function goldensOf(folder: URL): Goldens {
  return {
    goldenFolder: (name) => fileURLToPath(new URL(name, folder)),
    readGolden: (name) => Golden.read(new URL(`${name}/golden.safetensors`, folder)),
  };
}
