/**
 * How a matrix product is cut: the columns into panels of eight, the rows into groups as even as can be, and both into tiles, whose sums stay in
 * registers (Goto & van de Geijn 2008, Anatomy of high-performance matrix multiplication). The tiles' code is written by generate/tiles.ts.
 *
 * Which tile is the fastest depends on the engine: whether it fuses a product and a sum, which registers it keeps to itself, whether it makes 256 bits
 * of two neighbours. src/tile.ts measures that. Each sum runs over k in the same order in every tile, so the bits don't depend on it.
 */

/** Columns of a packed panel, in every build. */
export const PANEL: i32 = 8;

/** Rows of a tile, at most. */
export const MOST_ROWS: i32 = 6;

/** Where src/threads/control.ts keeps the tile that was chosen, below the static data: its rows, and its columns, 8 or 16. */
const CHOICE: usize = 4032;

/** Rows of the tile that was chosen. */
// @ts-ignore: decorator
@inline
export function tileRows(): i32 {
  return load<i32>(CHOICE);
}

/**
 * Columns for a single row. It waits for memory and on its sums: several panels at once keep both busy, 1.5 to 2.5 times as fast as one. Unfused,
 * old engines have no registers for four.
 */
export const SINGLE: i32 = ASC_FEATURE_RELAXED_SIMD ? 32 : 16;

/** Columns of the tile for a group of so many rows, where so many whole columns are left: those that were chosen, or a panel's. */
export function tileColumns(rows: i32, left: i32): i32 {
  const columns = rows == 1 ? SINGLE : rows < 4 ? PANEL : load<i32>(CHOICE, 4);
  return left < columns ? PANEL : columns;
}

/** ⌈a / b⌉ */
// @ts-ignore: decorator
@inline
export function ceilDivide(a: i32, b: i32): i32 {
  return (a + b - 1) / b;
}

/** Where part number `part` begins when `total` things are shared among `parts`, as evenly as can be: the earlier parts have one more. */
// @ts-ignore: decorator
@inline
export function partBegin(part: i32, parts: i32, total: i32): i32 {
  return part * (total / parts) + min(part, total % parts);
}
