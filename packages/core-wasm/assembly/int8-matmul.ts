/**
 * y = activation(A · B + bias) with A and B in small whole numbers (int8-quantize.ts): tiles of 4 × 8 sums in 32 bits, then
 *
 *   Σ (q - z)(u - v) = Σ q·u - v·Σq - z·Σ(u - v),  times s·t
 *
 * exactly the same integers in both builds, whatever the units: the relaxed one multiplies bytes and adds neighbours, twice; the plain one
 * widens u to 16 bits first. They fit in 32 bits up to k = 66 000.
 *
 * y (m, n) and bias (n). Units: blocks of y, those of the same rows side by side.
 * Tails: rows by smaller tiles, a panel that y hasn't all the columns of by way of scratch.
 */
import { Bytes, FloatsOut, OptionalFloats } from "./parts/operands";
import { int8Tile } from "./generated/int8-tiles";
import { INT8_ROWS, panelBytes, QUAD, rowBytes } from "./parts/int8-layout";
import { Activation, finish, OptionalActivation } from "./parts/activation";
import { ceilDivide, PANEL, partBegin } from "./parts/matmul-tile";

/** A block's rows and columns, at most. */
const BLOCK_ROWS: i32 = 144;
const BLOCK_COLUMNS: i32 = 32;

/** In scratch: a tile of 8 columns, and a row of bias. */
const EDGE_STEP: usize = 32;
const EDGE_BIAS: usize = INT8_ROWS * EDGE_STEP;

/**
 * rows: what int8Rows wrote; panels: what int8Panels wrote.
 * @units ceilDivide(m, BLOCK_ROWS) * ceilDivide(n, BLOCK_COLUMNS)
 * @cost m * n * k / (8 * units)
 * @scratch EDGE_BIAS + EDGE_STEP
 */
export function int8Matmul(
  rows: Bytes, panels: Bytes, y: FloatsOut, bias: OptionalFloats, m: i32, k: i32, n: i32, activation: OptionalActivation, scratch: usize, begin: i32, end: i32,
): void {
  const columnBlocks = ceilDivide(n, BLOCK_COLUMNS);
  const rowBlocks = ceilDivide(m, BLOCK_ROWS);
  const groups = ceilDivide(m, INT8_ROWS);
  const quads = ceilDivide(k, QUAD);
  const yStep: usize = n << 2;

  for (let unit = begin; unit < end; unit++) {
    const block = unit / columnBlocks;
    const lastGroup = partBegin(block + 1, rowBlocks, groups);
    const firstColumn = (unit % columnBlocks) * BLOCK_COLUMNS;
    const lastColumn = min(n, firstColumn + BLOCK_COLUMNS);
    for (let column = firstColumn; column < lastColumn; column += PANEL) {
      const panel = panels + <usize>(column / PANEL) * panelBytes(k);
      const rest = lastColumn - column;
      const isEdge = rest < PANEL;
      let columnBias = bias ? bias + (<usize>column << 2) : 0;
      if (isEdge && bias) {
        memory.copy(scratch + EDGE_BIAS, columnBias, <usize>rest << 2);
        columnBias = scratch + EDGE_BIAS;
      }
      for (let group = partBegin(block, rowBlocks, groups); group < lastGroup; group++) {
        const row = partBegin(group, groups, m);
        const count = partBegin(group + 1, groups, m) - row;
        const to = y + (<usize>(row * n + column) << 2);
        const c = isEdge ? scratch : to;
        const cStep = isEdge ? EDGE_STEP : yStep;
        int8Tile(count, PANEL, rows + <usize>row * rowBytes(k), panel, 0, quads, c, cStep);
        finish(activation, count, PANEL, c, cStep, columnBias);
        if (isEdge) for (let i: usize = 0; i < <usize>count; i++) memory.copy(to + i * yStep, c + i * EDGE_STEP, <usize>rest << 2);
      }
    }
  }
}
