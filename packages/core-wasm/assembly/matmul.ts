/**
 * y = activation(α · A · B + bias) + residual, or with `accumulate` activation(y + α · A · B + bias) + residual, for a batch of matrices.
 *
 * A is packed by packRows, B by packPanels (matmul-pack.ts). Goto & van de Geijn 2008, Anatomy of high-performance matrix multiplication:
 * a block of A's rows, 768 steps of k deep, stays in the second cache, a slice of a panel of B in the first, and the tile of y in
 * registers (matmul-tile.ts). Each element sums k in order, 768 steps at a time, wherever it lies: the bits don't depend on the units.
 *
 * Layouts: y and residual (m, n), rows their strides apart, bias (n). Batch strides in elements, 0 repeats an operand.
 * Units: blocks of y, batch · ⌈m/144⌉ · ⌈n/32⌉ (matmulUnits in src/scratch.ts), column blocks next to each other.
 * Tails: rows by smaller tiles, columns by edgeTile; nothing is written beyond column n.
 */
import { loadTail, storeTail } from "./simd/lanes";
import { gelu, geluTanh, quickGelu, silu, tanh } from "./simd/math";
import { BAND, groupRows, PANEL, tile } from "./matmul-tile";

/** Activations. */
const NONE: i32 = 0;
const RELU: i32 = 1;
const GELU: i32 = 2;
const GELU_TANH: i32 = 3;
const QUICK_GELU: i32 = 4;
const SILU: i32 = 5;
const TANH: i32 = 6;

/** Rows of a block, at most, and panels of a block: 144 × 768 of A are 432 KiB, 768 × 8 of B 24 KiB. */
const BLOCK_ROWS: i32 = 144;
const BLOCK_PANELS: i32 = 4;
const BLOCK_K: i32 = 768;

// @ts-ignore: decorator
@inline
function ceilDivide(a: i32, b: i32): i32 {
  return (a + b - 1) / b;
}

// @ts-ignore: decorator
@inline
function activate(activation: i32, x: v128): v128 {
  if (activation == RELU) return f32x4.max(x, f32x4.splat(0));
  if (activation == GELU) return gelu(x);
  if (activation == GELU_TANH) return geluTanh(x);
  if (activation == QUICK_GELU) return quickGelu(x);
  if (activation == SILU) return silu(x);
  if (activation == TANH) return tanh(x);
  return x;
}

/** What follows the product, on a tile of y that is still in the first cache. Steps in bytes; bias and residual may be 0. */
function finish(y: usize, yStep: usize, rows: i32, columns: i32, bias: usize, activation: i32, residual: usize, residualStep: usize): void {
  for (; rows > 0; rows--, y += yStep, residual += residual ? residualStep : 0) {
    for (let column = 0; column < columns; column += 4) {
      const count = columns - column;
      const offset = <usize>column << 2;
      let x = loadTail(y + offset, count, 0);
      if (bias) x = f32x4.add(x, loadTail(bias + offset, count, 0));
      if (activation != NONE) x = activate(activation, x);
      if (residual) x = f32x4.add(x, loadTail(residual + offset, count, 0));
      storeTail(y + offset, x, count);
    }
  }
}

/** A tile with fewer than 8 columns: made in scratch, only its columns go to y. */
function edgeTile(rows: i32, a: usize, panel: usize, k: i32, y: usize, yStep: usize, columns: i32, alpha: f32, accumulate: bool, scratch: usize): void {
  tile(rows, a, panel, k, scratch, 32, alpha, false);
  for (; rows > 0; rows--, y += yStep, scratch += 32) {
    for (let column = 0; column < columns; column += 4) {
      const count = columns - column;
      const offset = <usize>column << 2;
      let x = v128.load(scratch + offset);
      if (accumulate) x = f32x4.add(x, loadTail(y + offset, count, 0));
      storeTail(y + offset, x, count);
    }
  }
}

/**
 * Strides of rows and batches in elements. bias, residual: pointers or 0; residual must not be y.
 * activation: 0 none, 1 ReLU, 2 GELU, 3 GELU's tanh form, 4 quick GELU, 5 SiLU, 6 tanh.
 * scratch: 192 bytes. Units: batch · ⌈m/144⌉ · ⌈n/32⌉.
 */
export function matmul(
  rows: usize, rowsBatchStride: i32, panels: usize, panelsBatchStride: i32, y: usize, yBatchStride: i32, yRowStride: i32,
  m: i32, k: i32, n: i32, alpha: f32, accumulate: i32,
  bias: usize, activation: i32, residual: usize, residualBatchStride: i32, residualRowStride: i32,
  scratch: usize, begin: i32, end: i32,
): void {
  const columnBlocks = ceilDivide(n, BLOCK_PANELS * PANEL);
  const rowBlocks = max(ceilDivide(m, BLOCK_ROWS), 1);
  const blockRows = ceilDivide(ceilDivide(m, rowBlocks), BAND) * BAND;
  const yStep: usize = yRowStride << 2;
  const residualStep: usize = residualRowStride << 2;
  const finishes = bias != 0 || activation != NONE || residual != 0;

  for (let unit = begin; unit < end; unit++) {
    const block = unit / columnBlocks;
    const batch = block / rowBlocks;
    const firstColumn = (unit % columnBlocks) * BLOCK_PANELS * PANEL;
    const lastColumn = min(n, firstColumn + BLOCK_PANELS * PANEL);
    const firstRow = (block % rowBlocks) * blockRows;
    const lastRow = min(m, firstRow + blockRows);
    const a = rows + (<usize>(batch * rowsBatchStride) << 2);
    const b = panels + (<usize>(batch * panelsBatchStride) << 2);
    const c = y + (<usize>(batch * yBatchStride) << 2);
    const r = residual + (<usize>(batch * residualBatchStride) << 2);

    let depth = 0;
    do {
      const depthCount = min(BLOCK_K, k - depth);
      const accumulates = <bool>(accumulate | depth);
      for (let column = firstColumn; column < lastColumn; column += PANEL) {
        const columns = min(PANEL, lastColumn - column);
        const panel = b + ((<usize>column * k + <usize>depth * PANEL) << 2);
        for (let row = firstRow; row < lastRow; ) {
          const bandEnd = min(row - row % BAND + BAND, lastRow);
          const group = groupRows(bandEnd - row);
          const from = a + ((<usize>row * k + <usize>depth * group) << 2);
          const to = c + row * yStep + (<usize>column << 2);
          if (columns == PANEL) tile(group, from, panel, depthCount, to, yStep, alpha, accumulates);
          else edgeTile(group, from, panel, depthCount, to, yStep, columns, alpha, accumulates, scratch);
          if (finishes && depth + depthCount >= k) {
            const biasHere = bias ? bias + (<usize>column << 2) : 0;
            const residualHere = residual ? r + row * residualStep + (<usize>column << 2) : 0;
            finish(to, yStep, group, columns, biasHere, activation, residualHere, residualStep);
          }
          row += group;
        }
      }
      depth += BLOCK_K;
    } while (depth < k);
  }
}
