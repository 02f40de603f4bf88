import { ShapeError } from "../errors.ts";
import { interpolate, type Interpolation } from "../ops/shape/interpolate.ts";
import { reshape } from "../ops/shape/reshape.ts";
import { concat, slice } from "../ops/shape/slice.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Rows and columns of patches. */
export type Grid = readonly [rows: number, columns: number];

/**
 * A table of positions for a grid of patches, resampled to another: the special tokens' rows stay, the rest is treated as an image. Dosovitskiy et al. 2021,
 * §3.2. table (1, T + rows · columns, D) of the one → that of the other; the table itself where they are the same.
 * @throws ShapeError when the table isn't that of the grid
 */
export function resamplePositions(
  table: Tensor,
  numSpecialTokens: number,
  [down, across]: Grid,
  [rows, columns]: Grid,
  mode: Interpolation,
): Tensor {
  const [, length = 0, width = 0] = table.shape;
  if (length - numSpecialTokens !== down * across) {
    throw new ShapeError("positions", `the table must hold ${numSpecialTokens} special tokens and ${down} × ${across} patches`, {
      table: table.shape,
    });
  }
  if (rows === down && columns === across) return table;
  const image = reshape(slice(table, 1, numSpecialTokens), [down, across, width]);
  const resampled = interpolate(interpolate(image, 0, rows, mode), 1, columns, mode); //     (rows, columns, D)
  return concat([slice(table, 1, 0, numSpecialTokens), reshape(resampled, [1, rows * columns, width])], 1);
}
