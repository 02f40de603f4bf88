/** Sizes in the packed operands of int8-matmul.ts, which int8-quantize.ts writes and describes. */
import { ceilDivide } from "./matmul-tile";

/** Rows of the tile, whose columns are a panel's: bytes are multiplied as fast in every larger shape. */
export const INT8_ROWS: i32 = 4;

/** Steps of k that lie together. */
export const QUAD: i32 = 4;

/** Bytes of a row's [s, z, Σq, 0], of four of its q, and of a panel's steps, zeros and sums. */
export const ROW_HEADER: usize = 16;
export const MOST_ROW_QUAD: usize = 8;
export const ROW_QUAD: usize = ASC_FEATURE_RELAXED_SIMD ? 4 : MOST_ROW_QUAD;
export const PANEL_HEADER: usize = 96;

/** Bytes of a packed row. */
// @ts-ignore: decorator
@inline
export function rowBytes(k: i32): usize {
  return ROW_HEADER + <usize>ceilDivide(k, QUAD) * ROW_QUAD;
}

/** Bytes of a packed panel. */
// @ts-ignore: decorator
@inline
export function panelBytes(k: i32): usize {
  return PANEL_HEADER + (<usize>ceilDivide(k, QUAD) << 5);
}
