/** Specification of assembly/permute.ts. */
import { generate, type Numbers } from "./numbers.ts";

/** y[i₀…] = x[Σ iₖ·strides[k]], y contiguous with the given shape. */
export function permute(x: Numbers, shape: readonly number[], strides: readonly number[]): Float64Array {
  return generate(
    shape.reduce((n, m) => n * m, 1),
    (i) => {
      let rest = i;
      let place = 0;
      for (let k = shape.length - 1; k >= 0; k--) {
        place += (rest % shape[k]!) * strides[k]!;
        rest = Math.floor(rest / shape[k]!);
      }
      return x[place]!;
    },
  );
}

/** y with `rows` rows of x copied in; the strides are elements from row to row. */
export function copyRows(x: Numbers, y: Numbers, rows: number, columns: number, xStride: number, yStride: number): Float64Array {
  return moveRows(x, y, rows, columns, xStride, yStride, (from) => from);
}

/** y with `rows` rows of x added. */
export function addRows(x: Numbers, y: Numbers, rows: number, columns: number, xStride: number, yStride: number): Float64Array {
  return moveRows(x, y, rows, columns, xStride, yStride, (from, to) => to + from);
}

function moveRows(
  x: Numbers,
  y: Numbers,
  rows: number,
  columns: number,
  xStride: number,
  yStride: number,
  f: (from: number, to: number) => number,
): Float64Array {
  const moved = Float64Array.from(y);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) moved[r * yStride + c] = f(x[r * xStride + c]!, moved[r * yStride + c]!);
  }
  return moved;
}
