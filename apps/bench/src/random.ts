import { drawNormal, Rng, scope, zeros } from "@x/layers";

/** Numbers of the standard normal distribution: the same for the same seed. */
export function normal(
  length: number,
  seed: number,
  { mean = 0, deviation = 1 }: { readonly mean?: number; readonly deviation?: number } = {},
): Float32Array {
  return scope(() => {
    const values = zeros([length]);
    drawNormal(values, new Rng(seed), mean, deviation);
    return values.toTypedArray();
  });
}

/** A (rows, columns) matrix → its transpose. */
export function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(matrix.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result[j * rows + i] = matrix[i * columns + j] ?? 0;
  return result;
}
