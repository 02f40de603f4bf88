import type { EmbeddingPrecision, TensorSource } from "@x/layers/model";
import type { Rows } from "../vectors.ts";

/** Where an entry stands, and the cosine that it has with a query. */
export interface Match {
  readonly row: number;
  readonly score: number;
}

export interface Wanted {
  /** How many matches. */
  readonly topK: number;
  /** How many times as many are looked at again where bits were compared. */
  readonly rescoreMultiplier: number;
  /** Which rows count; none: all. */
  readonly counts: readonly boolean[] | undefined;
}

/** Embeddings as an index keeps them, in some precision. They never change: whoever adds or takes out makes others. */
export interface KeptVectors extends Disposable {
  readonly precision: EmbeddingPrecision;
  readonly count: number;
  /** Numbers of each. */
  readonly width: number;
  /** Bytes that they take. */
  readonly bytes: number;
  /** One as numbers again, as near to what came as the precision lets it. A copy. */
  vector(row: number): Float32Array;
  /** These rows, and after them all of `more`, which is of the same kind. */
  with(more: KeptVectors): KeptVectors;
  /** These rows alone. */
  only(rows: readonly number[]): KeptVectors;
  /** The best rows for each query, the best first. @param scales 1 / ‖query‖ of each */
  search(queries: Rows, scales: Float32Array, wanted: Wanted): Match[][];
  /** What is written into a file. */
  tensors(): ReadonlyMap<string, TensorSource>;
}
