/** What slicing and concatenating along one axis need: rows of `columns` elements, any distance apart on either side. */
import { Words, WordsOut } from "./parts/operands";
import { copyRow } from "./simd/rows";

/**
 * y[r] = x[r], row by row; xStride and yStride are elements from row to row. Units: rows.
 * @units rows
 * @cost columns
 */
export function copyRows(
  x: Words, y: WordsOut, columns: i32, xStride: i32, yStride: i32, begin: i32, end: i32,
): void {
  for (let row = begin; row < end; row++) {
    copyRow(x + (<usize>(row * xStride) << 2), y + (<usize>(row * yStride) << 2), columns);
  }
}
