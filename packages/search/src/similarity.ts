import { ArgumentError, type Tensor } from "@x/layers";
import { kindOf } from "@x/layers/model";
import { bitsIn } from "./bits.ts";
import { type Embeddings, inverseLengths, isOne, type QuantizedVector, type Rows, rowsOf, type Vector } from "./vectors.ts";

type One = Vector | QuantizedVector;
type Several = readonly One[] | Tensor;

/**
 * The cosine of two vectors; of lists, that of every vector of `a` with every vector of `b`, a row for each of `a`. They need not be of length 1; those of int8
 * and uint8 count as the whole numbers that they are.
 * @throws ArgumentError when they differ in length
 */
export function similarity(a: One, b: One): number;
export function similarity(a: Several, b: Several): Float32Array[];
export function similarity(a: Embeddings, b: Embeddings): number | Float32Array[] {
  return table("similarity", a, b, (x, y) => {
    const [scaleX, scaleY] = [inverseLengths("similarity", x), inverseLengths("similarity", y)];
    return (i, j) => dot(x, i, y, j) * (scaleX[i] ?? 0) * (scaleY[j] ?? 0);
  });
}

/** Σ x_d y_d of two vectors, or of every one with every other, as `similarity`: of int8 embeddings, what vector libraries call the inner product. */
export function dotProduct(a: One, b: One): number;
export function dotProduct(a: Several, b: Several): Float32Array[];
export function dotProduct(a: Embeddings, b: Embeddings): number | Float32Array[] {
  return table("dotProduct", a, b, (x, y) => (i, j) => dot(x, i, y, j));
}

/**
 * In how many bits two embeddings of `binary` or `ubinary` differ, or every one from every other, as `similarity`: Hamming 1950. The fewer, the more alike.
 * @throws ArgumentError when they differ in length, or aren't both of bits
 */
export function hammingDistance(a: QuantizedVector, b: QuantizedVector): number;
export function hammingDistance(a: readonly QuantizedVector[], b: readonly QuantizedVector[]): Float32Array[];
export function hammingDistance(
  a: QuantizedVector | readonly QuantizedVector[],
  b: QuantizedVector | readonly QuantizedVector[],
): number | Float32Array[] {
  const kinds = new Set([a, b].flatMap((side) => (Array.isArray(side) ? side.map(kindOf) : kindOf(side))));
  if (kinds.size > 1 || ![undefined, "Int8Array", "Uint8Array"].includes([...kinds][0]))
    throw new ArgumentError("hammingDistance", "embeddings are all binary, or all ubinary", `they are ${[...kinds].join(" and ")}`);
  return table("hammingDistance", a, b, (x, y) => (i, j) => {
    let different = 0;
    for (let d = 0; d < x.width; d++) different += bitsIn(((x.data[i * x.width + d] ?? 0) ^ (y.data[j * y.width + d] ?? 0)) & 255);
    return different;
  });
}

function table(
  where: string,
  a: Embeddings,
  b: Embeddings,
  scoring: (x: Rows, y: Rows) => (i: number, j: number) => number,
): number | Float32Array[] {
  const [x, y] = [rowsOf(where, a), rowsOf(where, b)];
  if (x.count > 0 && y.count > 0 && x.width !== y.width)
    throw new ArgumentError(where, "vectors must be equally long", `they have ${x.width} and ${y.width} numbers`);
  const score = scoring(x, y);
  if (isOne(a) && isOne(b)) return score(0, 0);
  return Array.from({ length: x.count }, (_, i) => Float32Array.from({ length: y.count }, (__, j) => score(i, j)));
}

function dot(x: Rows, i: number, y: Rows, j: number): number {
  let sum = 0;
  for (let d = 0; d < x.width; d++) sum += (x.data[i * x.width + d] ?? 0) * (y.data[j * y.width + d] ?? 0);
  return sum;
}
