/**
 * y = activation(A · B + bias), or with `accumulate` activation(y + A · B + bias), for a batch of matrices.
 *
 * A is packed by packRows, B by packPanels (matmul-pack.ts). Goto & van de Geijn 2008, Anatomy of high-performance matrix multiplication:
 * a block of A's rows, 768 steps of k deep, stays in the second cache, a slice of a panel of B in the first, and the tile of y in
 * registers (parts/matmul-tile.ts). Each element sums k in order, 768 steps at a time, wherever it lies: the bits don't depend on the units.
 *
 * Layouts: y (m, n), rows their stride apart, bias (n).
 * Units: blocks of y, those of the same rows next to each other.
 * Tails: rows by smaller tiles, a panel that y hasn't all the columns of by way of scratch; nothing is written beyond column n.
 */
import { Floats, FloatsOut, OptionalFloats } from "./parts/operands";
import { Activation, finish, OptionalActivation } from "./parts/activation";
import { tile } from "./generated/tiles";
import { ceilDivide, MOST_ROWS, PANEL, partBegin, tileColumns, tileRows } from "./parts/matmul-tile";

/** A block's rows and columns, at most, and its slice of k: 144 × 768 of A are 432 KiB, 768 × 8 of B 24 KiB. */
const BLOCK_ROWS: i32 = 144;
const BLOCK_COLUMNS: i32 = 32;
const BLOCK_K: i32 = 768;

/** In scratch: a tile of 8 columns, and a row of bias. */
const EDGE_STEP: usize = 32;
const EDGE_BIAS: usize = MOST_ROWS * EDGE_STEP;

function copyRows(rows: i32, columns: i32, from: usize, fromStep: usize, to: usize, toStep: usize): void {
  for (; rows > 0; rows--, from += fromStep, to += toStep) memory.copy(to, from, <usize>columns << 2);
}

/** A tile of fewer than 8 columns, made in scratch with 8 between copies of what there is. `last` says that k ends here. */
function edgeTile(
  rows: i32, columns: i32, a: usize, panel: usize, k: i32, y: usize, yStep: usize, accumulate: bool,
  last: bool, bias: usize, activation: Activation, scratch: usize,
): void {
  const edgeBias = bias ? scratch + EDGE_BIAS : 0;
  if (bias) copyRows(1, columns, bias, 0, edgeBias, 0);
  if (accumulate) copyRows(rows, columns, y, yStep, scratch, EDGE_STEP);
  tile(rows, PANEL, a, panel, 0, k, scratch, EDGE_STEP, 1, accumulate);
  if (last) finish(activation, rows, PANEL, scratch, EDGE_STEP, edgeBias);
  copyRows(rows, columns, scratch, EDGE_STEP, y, yStep);
}

/**
 * Strides of rows and of batches in elements; a batch stride of 0 repeats an operand.
 * @units batch * ceilDivide(m, BLOCK_ROWS) * ceilDivide(n, BLOCK_COLUMNS)
 * @cost batch * m * n * k / (4 * units)
 * @scratch EDGE_BIAS + EDGE_STEP
 */
export function matmul(
  rows: Floats, panels: Floats, y: FloatsOut, bias: OptionalFloats,
  rowsBatchStride: i32, panelsBatchStride: i32, yBatchStride: i32, yRowStride: i32,
  m: i32, k: i32, n: i32, accumulate: bool, activation: OptionalActivation, scratch: usize, begin: i32, end: i32,
): void {
  const columnBlocks = ceilDivide(n, BLOCK_COLUMNS);
  const rowBlocks = ceilDivide(m, BLOCK_ROWS);
  const groups = ceilDivide(m, tileRows());
  const panelStep: usize = k << 5;
  const yStep: usize = yRowStride << 2;

  for (let unit = begin; unit < end; unit++) {
    const batch = unit / columnBlocks / rowBlocks;
    const block = unit / columnBlocks % rowBlocks;
    const lastGroup = partBegin(block + 1, rowBlocks, groups);
    const firstColumn = (unit % columnBlocks) * BLOCK_COLUMNS;
    const lastColumn = min(n, firstColumn + BLOCK_COLUMNS);

    for (let depth = 0; depth == 0 || depth < k; depth += BLOCK_K) {
      const slice = min(BLOCK_K, k - depth);
      const last = depth + slice >= k;
      const accumulates = <bool>(accumulate | depth);
      for (let column = firstColumn, columns = PANEL; column < lastColumn; column += columns) {
        columns = tileColumns(m, lastColumn - column);
        const panel = panels + (<usize>(batch * panelsBatchStride + column * k + depth * PANEL) << 2);
        const columnBias = bias ? bias + (<usize>column << 2) : 0;
        for (let group = partBegin(block, rowBlocks, groups); group < lastGroup; group++) {
          const row = partBegin(group, groups, m);
          const count = partBegin(group + 1, groups, m) - row;
          const a = rows + (<usize>(batch * rowsBatchStride + row * k + depth * count) << 2);
          const c = y + (<usize>(batch * yBatchStride + row * yRowStride + column) << 2);
          if (lastColumn - column < PANEL) {
            edgeTile(
              count, lastColumn - column, a, panel, slice, c, yStep, accumulates, last, columnBias, activation, scratch,
            );
          } else {
            tile(count, columns, a, panel, panelStep, slice, c, yStep, 1, accumulates);
            if (last) finish(activation, count, columns, c, yStep, columnBias);
          }
        }
      }
    }
  }
}
