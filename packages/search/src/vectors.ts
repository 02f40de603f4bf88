import { ArgumentError, ShapeError, Tensor } from "@x/layers";
import { kindOf } from "@x/layers/model";

/** An embedding. */
export type Vector = Float32Array | readonly number[];

/** One embedding, several, or a tensor (count, width): what `embedText` and `embedImage` give, and what models do. */
export type Vectors = Vector | readonly Vector[] | Tensor;

/** An embedding of whole numbers or bits, as `embedText` gives it with a `precision`. */
export type QuantizedVector = Int8Array | Uint8Array;

/** Embeddings in any precision: one, several, or a tensor (count, width). */
export type Embeddings = Vector | QuantizedVector | readonly (Vector | QuantizedVector)[] | Tensor;

/** Vectors side by side in plain memory. */
export interface Rows {
  readonly count: number;
  /** Numbers of each; 0 where there is none. */
  readonly width: number;
  /** count × width, a copy. */
  readonly data: Float32Array;
}

export const isOne = (vectors: Embeddings): vectors is Vector | QuantizedVector =>
  isNumbers(vectors) || (Array.isArray(vectors) && typeof vectors[0] === "number");

/**
 * @throws ShapeError when a tensor isn't (count, width)
 * @throws ArgumentError when vectors differ in length, or aren't vectors
 */
export function rowsOf(where: string, vectors: Embeddings): Rows {
  if (vectors instanceof Tensor) {
    const [count = 0, width = 0] = vectors.shape;
    if (vectors.shape.length !== 2) throw new ShapeError(where, "a tensor of vectors must be (count, width)", { vectors: vectors.shape });
    return { count, width, data: vectors.toTypedArray() };
  }
  const list: readonly (Vector | QuantizedVector)[] = isOne(vectors) ? [vectors] : vectors;
  const width = list[0]?.length ?? 0;
  const data = new Float32Array(list.length * width);
  for (const [row, vector] of list.entries()) {
    if (!(isNumbers(vector) || Array.isArray(vector)))
      throw new ArgumentError(where, "vectors are Float32Arrays or lists of numbers", `number ${row} is a ${typeof vector}`);
    if (vector.length !== width)
      throw new ArgumentError(
        where,
        "all vectors must be equally long",
        `number 0 has ${width} numbers and number ${row} has ${vector.length}`,
      );
    data.set(vector, row * width);
  }
  return { count: list.length, width, data };
}

/** Row by row 1 / ‖v‖; 0 for a vector of zeros. @throws ArgumentError naming the first vector that isn't all finite */
export function inverseLengths(where: string, { count, width, data }: Rows): Float32Array {
  return Float32Array.from({ length: count }, (_, row) => {
    let squares = 0;
    for (let i = row * width; i < (row + 1) * width; i++) squares += (data[i] ?? 0) ** 2;
    if (!Number.isFinite(squares)) throw new ArgumentError(where, "vectors are finite numbers", `number ${row} isn't`);
    return squares === 0 ? 0 : 1 / Math.sqrt(squares);
  });
}

const isNumbers = (value: unknown): value is Float32Array | QuantizedVector =>
  ["Float32Array", "Int8Array", "Uint8Array"].includes(kindOf(value));
