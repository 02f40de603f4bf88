import { ArgumentError, type Tensor } from "@x/layers";
import { inverseLengths, isOne, rowsOf, type Vector, type Vectors } from "./vectors.ts";

/**
 * The cosine of two vectors; of lists, that of every vector of `a` with every vector of `b`, a row for each of `a`. They need not be of length 1.
 * @throws ArgumentError when they differ in length
 */
export function similarity(a: Vector, b: Vector): number;
export function similarity(a: readonly Vector[] | Tensor, b: readonly Vector[] | Tensor): Float32Array[];
export function similarity(a: Vectors, b: Vectors): number | Float32Array[] {
  const [x, y] = [rowsOf("similarity", a), rowsOf("similarity", b)];
  if (x.count > 0 && y.count > 0 && x.width !== y.width)
    throw new ArgumentError("similarity", "vectors must be equally long", `they have ${x.width} and ${y.width} numbers`);
  const [scaleX, scaleY] = [inverseLengths("similarity", x), inverseLengths("similarity", y)];
  const rows = Array.from({ length: x.count }, (_, i) =>
    Float32Array.from({ length: y.count }, (__, j) => {
      let dot = 0;
      for (let d = 0; d < x.width; d++) dot += (x.data[i * x.width + d] ?? 0) * (y.data[j * x.width + d] ?? 0);
      return dot * (scaleX[i] ?? 0) * (scaleY[j] ?? 0);
    }),
  );
  return isOne(a) && isOne(b) ? (rows[0]?.[0] ?? 0) : rows;
}
