import type { Module } from "@x/layers";
import type { Dims } from "./onnx/graph.ts";
import { transposed } from "./random.ts";

/** A copy of a parameter, for peers. */
export interface Weight {
  readonly dims: Dims;
  readonly data: Float32Array;
}

/** Where a peer's model takes its weights from. @throws Error when there is no such parameter */
export interface WeightSource {
  get(path: string): Weight;
  /** A matrix (out, in) as (in, out). */
  transposed(path: string): Weight;
}

/** Copies of a model's parameters and buffers by path. */
export class Weights implements WeightSource {
  readonly #weights: ReadonlyMap<string, Weight>;

  /** Take it before the model first runs: from then on it holds its matrices in another form. */
  constructor(model: Module) {
    const entries = [...model.stateDict()].map(([path, tensor]) => [path, { dims: tensor.shape, data: tensor.toTypedArray() }] as const);
    this.#weights = new Map(entries);
  }

  get paths(): Iterable<string> {
    return this.#weights.keys();
  }

  has(path: string): boolean {
    return this.#weights.has(path);
  }

  /** @throws Error when there is no such parameter */
  get(path: string): Weight {
    const weight = this.#weights.get(path);
    if (!weight) throw new Error(`the model has no parameter ${path}`);
    return weight;
  }

  transposed(path: string): Weight {
    return transposedWeight(this.get(path));
  }
}

/** A matrix (out, in) as (in, out), which is how peers multiply. */
export function transposedWeight({ dims: [rows = 0], data }: Weight): Weight {
  const columns = data.length / rows;
  return { dims: [columns, rows], data: transposed(data, rows, columns) };
}

/** Rows `begin` to `end` of the first axis; no copy. */
export function rowsOf({ dims: [rows = 0, ...rest], data }: Weight, begin: number, end: number): Weight {
  const size = data.length / rows;
  return { dims: [end - begin, ...rest], data: data.subarray(begin * size, end * size) };
}
