import { ShapeError } from "../errors.ts";
import { interpolate, type Interpolation } from "../ops/shape/interpolate.ts";
import { reshape } from "../ops/shape/reshape.ts";
import { concat, slice } from "../ops/shape/slice.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * A table of positions for a square grid, resampled to another grid: the special tokens' rows stay, the rest is treated as an image. Dosovitskiy et
 * al. 2021, §3.2. table (1, T + G·G, D) → (1, T + rows · columns, D); the table itself where the grid is the same.
 * @throws ShapeError when the table isn't that of a square grid
 */
export function resamplePositions(
  table: Tensor,
  numSpecialTokens: number,
  [rows, columns]: readonly [number, number],
  mode: Interpolation,
): Tensor {
  const [, length = 0, width = 0] = table.shape;
  const side = Math.sqrt(length - numSpecialTokens);
  if (rows === side && columns === side) return table;
  if (!Number.isInteger(side)) {
    throw new ShapeError("positions", `the table must hold ${numSpecialTokens} special tokens and a square grid`, { table: table.shape });
  }
  const image = reshape(slice(table, 1, numSpecialTokens), [side, side, width]); //          (G, G, D)
  const resampled = interpolate(interpolate(image, 0, rows, mode), 1, columns, mode); //     (rows, columns, D)
  return concat([slice(table, 1, 0, numSpecialTokens), reshape(resampled, [1, rows * columns, width])], 1);
}
