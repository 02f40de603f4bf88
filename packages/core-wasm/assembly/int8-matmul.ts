/**
 * y = activation(A · B + bias) with A and B in small whole numbers (int8-quantize.ts): 4 × 8 sums in 32 bits, then
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
import { INT8_GROUP, PANEL_HEADER, panelBytes, QUAD, ROW_HEADER, ROW_QUAD, rowBytes } from "./parts/int8-layout";
import { Activation, finish, OptionalActivation } from "./parts/activation";
import { blockRows, ceilDivide, PANEL } from "./parts/matmul-tile";

/** A block's rows and columns, at most. */
const BLOCK_ROWS: i32 = 144;
const BLOCK_COLUMNS: i32 = 32;

/** In scratch: a tile of 4 rows of 8, and a row of bias. */
const EDGE_STEP: usize = 32;
const EDGE_BIAS: usize = 4 * EDGE_STEP;

/** Ones to add neighbours with, and a mask of the even bytes: loaded, because V8 rebuilds v128 constants inside loops. */
const WORDS = memory.data<i16>([1, 0x00ff]);

/** sums + x · b, four columns of four steps. Relaxed: x and b are bytes. Plain: x is steps 0 and 2, then 1 and 3, in 16 bits. */
// @ts-ignore: decorator
@inline
function dot(x: v128, odd: v128, b: v128, bOdd: v128, ones: v128, sums: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.add(sums, i32x4.dot_i16x8_s(v128.relaxed_dot<i16>(x, b), ones));
  return i32x4.add(i32x4.add(sums, i32x4.dot_i16x8_s(x, b)), i32x4.dot_i16x8_s(odd, bOdd));
}

/** Sums of four columns → numbers. header: the row's; columns: where the panel's t of them is, v and Σ(u - v) after it. */
// @ts-ignore: decorator
@inline
function storeFour(c: usize, sums: v128, header: usize, columns: usize): void {
  const byRow = i32x4.mul(v128.load_splat<i32>(header, 8), v128.load(columns, 32));
  const byColumn = i32x4.mul(v128.load_splat<i32>(header, 4), v128.load(columns, 64));
  const whole = f32x4.convert_i32x4_s(i32x4.sub(i32x4.sub(sums, byRow), byColumn));
  v128.store(c, f32x4.mul(f32x4.mul(whole, v128.load_splat<f32>(header)), v128.load(columns)));
}

// @ts-ignore: decorator
@inline
function storeRow(c: usize, left: v128, right: v128, header: usize, panel: usize): void {
  storeFour(c, left, header, panel);
  storeFour(c + 16, right, header, panel + 16);
}

/** Inlined with a constant for `rows`, so that the unused sums vanish. */
// @ts-ignore: decorator
@inline
function multiply(rows: i32, group: usize, panel: usize, quads: i32, c: usize, cStep: usize): void {
  const ones = v128.load16_splat(WORDS);
  const mask = v128.load16_splat(WORDS, 2);
  const zero = i32x4.splat(0);
  let left0 = zero, left1 = zero, left2 = zero, left3 = zero;
  let right0 = zero, right1 = zero, right2 = zero, right3 = zero;
  let a = group + <usize>rows * ROW_HEADER;
  let b = panel + PANEL_HEADER;
  for (const end = b + (<usize>quads << 5); b < end; b += 32, a += rows * ROW_QUAD) {
    let left = v128.load(b);
    let right = v128.load(b, 16);
    const leftOdd = i16x8.shr_u(left, 8);
    const rightOdd = i16x8.shr_u(right, 8);
    if (!ASC_FEATURE_RELAXED_SIMD) {
      left = v128.and(left, mask);
      right = v128.and(right, mask);
    }
    let x = v128.load_splat<i32>(a);
    let odd = v128.load_splat<i32>(a, 4);
    left0 = dot(x, odd, left, leftOdd, ones, left0);
    right0 = dot(x, odd, right, rightOdd, ones, right0);
    if (rows > 1) {
      x = v128.load_splat<i32>(a, ROW_QUAD);
      odd = v128.load_splat<i32>(a, ROW_QUAD + 4);
      left1 = dot(x, odd, left, leftOdd, ones, left1);
      right1 = dot(x, odd, right, rightOdd, ones, right1);
    }
    if (rows > 2) {
      x = v128.load_splat<i32>(a, 2 * ROW_QUAD);
      odd = v128.load_splat<i32>(a, 2 * ROW_QUAD + 4);
      left2 = dot(x, odd, left, leftOdd, ones, left2);
      right2 = dot(x, odd, right, rightOdd, ones, right2);
    }
    if (rows > 3) {
      x = v128.load_splat<i32>(a, 3 * ROW_QUAD);
      odd = v128.load_splat<i32>(a, 3 * ROW_QUAD + 4);
      left3 = dot(x, odd, left, leftOdd, ones, left3);
      right3 = dot(x, odd, right, rightOdd, ones, right3);
    }
  }
  storeRow(c, left0, right0, group, panel);
  if (rows > 1) storeRow(c + cStep, left1, right1, group + ROW_HEADER, panel);
  if (rows > 2) storeRow(c + 2 * cStep, left2, right2, group + 2 * ROW_HEADER, panel);
  if (rows > 3) storeRow(c + 3 * cStep, left3, right3, group + 3 * ROW_HEADER, panel);
}

function tile1(group: usize, panel: usize, quads: i32, c: usize, cStep: usize): void {
  multiply(1, group, panel, quads, c, cStep);
}
function tile2(group: usize, panel: usize, quads: i32, c: usize, cStep: usize): void {
  multiply(2, group, panel, quads, c, cStep);
}
function tile3(group: usize, panel: usize, quads: i32, c: usize, cStep: usize): void {
  multiply(3, group, panel, quads, c, cStep);
}
function tile4(group: usize, panel: usize, quads: i32, c: usize, cStep: usize): void {
  multiply(4, group, panel, quads, c, cStep);
}

/** C (rows × 8, cStep bytes between rows). */
function tile(rows: i32, group: usize, panel: usize, quads: i32, c: usize, cStep: usize): void {
  if (rows == 4) tile4(group, panel, quads, c, cStep);
  else if (rows == 3) tile3(group, panel, quads, c, cStep);
  else if (rows == 2) tile2(group, panel, quads, c, cStep);
  else tile1(group, panel, quads, c, cStep);
}

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
  const rowsOfBlock = blockRows(m, BLOCK_ROWS);
  const quads = ceilDivide(k, QUAD);
  const yStep: usize = n << 2;

  for (let unit = begin; unit < end; unit++) {
    const firstRow = (unit / columnBlocks) * rowsOfBlock;
    const lastRow = min(m, firstRow + rowsOfBlock);
    const firstColumn = (unit % columnBlocks) * BLOCK_COLUMNS;
    const lastColumn = min(n, firstColumn + BLOCK_COLUMNS);
    for (let column = firstColumn; column < lastColumn; column += PANEL) {
      const panel = panels + <usize>(column / PANEL) * panelBytes(k);
      const columns = min(PANEL, lastColumn - column);
      const isEdge = columns < PANEL;
      let columnBias = bias ? bias + (<usize>column << 2) : 0;
      if (isEdge && bias) {
        memory.copy(scratch + EDGE_BIAS, columnBias, <usize>columns << 2);
        columnBias = scratch + EDGE_BIAS;
      }
      for (let row = firstRow; row < lastRow; row += INT8_GROUP) {
        const count = min(INT8_GROUP, lastRow - row);
        const to = y + (<usize>(row * n + column) << 2);
        const c = isEdge ? scratch : to;
        const cStep = isEdge ? EDGE_STEP : yStep;
        tile(count, rows + <usize>row * rowBytes(k), panel, quads, c, cStep);
        finish(activation, count, c, cStep, columnBias);
        if (isEdge) for (let i: usize = 0; i < <usize>count; i++) memory.copy(to + i * yStep, c + i * EDGE_STEP, <usize>columns << 2);
      }
    }
  }
}
