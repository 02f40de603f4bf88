/** Specification of assembly/slice.ts. */
import { type Numbers } from "./numbers.ts";

/** y with `rows` rows of x copied in; the strides are elements from row to row. */
export function copyRows(x: Numbers, y: Numbers, rows: number, columns: number, xStride: number, yStride: number): Float64Array {
  const copied = Float64Array.from(y);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) copied[r * yStride + c] = x[r * xStride + c]!;
  return copied;
}
