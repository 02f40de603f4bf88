/**
 * The innermost piece of every matrix product: C (rows × 8) = α · A (rows × k) · B (k × 8), or C += that, with rows from 1 to GROUP and
 * the whole of C in registers (Goto & van de Geijn 2008, Anatomy of high-performance matrix multiplication).
 *
 * Both operands are packed (matmul-pack.ts), so that each step of k reads `rows` neighbours of A and 8 of B: rows that stand a multiple of
 * 64 bytes apart would fall on the same bank of the first cache, which cost 13 %.
 */
import { madd } from "../simd/madd";

/** Rows of the full tile: 6 × 8 sums fill the 16 registers. Unfused, products need some too, and engines of old keep up only with 4 × 8. */
export const GROUP: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 4;

/** Columns of a tile and of a packed panel, in every build. */
export const PANEL: i32 = 8;

/** Packed rows come in bands of 12, a multiple of either build's GROUP. */
export const BAND: i32 = 12;

/** Panels that a single row is multiplied with at once. Unfused, old engines have no registers for four. */
export const WIDE: i32 = ASC_FEATURE_RELAXED_SIMD ? 4 : 2;

/** ⌈a / b⌉ */
// @ts-ignore: decorator
@inline
export function ceilDivide(a: i32, b: i32): i32 {
  return (a + b - 1) / b;
}

/** Rows of a block when m rows are cut into ⌈m / maximum⌉ blocks of whole bands, the last one shorter. */
export function blockRows(m: i32, maximum: i32): i32 {
  return ceilDivide(ceilDivide(m, max(ceilDivide(m, maximum), 1)), BAND) * BAND;
}

/** Rows of the tile that begins at `row`, 0 being a band's first, and ends by `end`: as few tiles as can be, as even as can be. */
export function groupRows(row: i32, end: i32): i32 {
  const remaining = min(BAND - row % BAND, end - row);
  return ceilDivide(remaining, ceilDivide(remaining, GROUP));
}

// @ts-ignore: decorator
@inline
function storeRow(c: usize, left: v128, right: v128, alpha: v128, accumulate: bool): void {
  if (accumulate) {
    v128.store(c, madd(left, alpha, v128.load(c)));
    v128.store(c, madd(right, alpha, v128.load(c, 16)), 16);
  } else {
    v128.store(c, f32x4.mul(left, alpha));
    v128.store(c, f32x4.mul(right, alpha), 16);
  }
}

/** Inlined with a constant for `rows`, so that the unused accumulators vanish. */
// @ts-ignore: decorator
@inline
function multiply(rows: i32, a: usize, panel: usize, k: i32, c: usize, cStep: usize, alpha: f32, accumulate: bool): void {
  const zero = f32x4.splat(0);
  let left0 = zero, left1 = zero, left2 = zero, left3 = zero, left4 = zero, left5 = zero;
  let right0 = zero, right1 = zero, right2 = zero, right3 = zero, right4 = zero, right5 = zero;
  for (const end = panel + (<usize>k << 5); panel < end; panel += 32, a += rows << 2) {
    const left = v128.load(panel);
    const right = v128.load(panel, 16);
    let x = v128.load_splat<f32>(a);
    left0 = madd(x, left, left0);
    right0 = madd(x, right, right0);
    if (rows > 1) {
      x = v128.load_splat<f32>(a, 4);
      left1 = madd(x, left, left1);
      right1 = madd(x, right, right1);
    }
    if (rows > 2) {
      x = v128.load_splat<f32>(a, 8);
      left2 = madd(x, left, left2);
      right2 = madd(x, right, right2);
    }
    if (rows > 3) {
      x = v128.load_splat<f32>(a, 12);
      left3 = madd(x, left, left3);
      right3 = madd(x, right, right3);
    }
    if (rows > 4) {
      x = v128.load_splat<f32>(a, 16);
      left4 = madd(x, left, left4);
      right4 = madd(x, right, right4);
    }
    if (rows > 5) {
      x = v128.load_splat<f32>(a, 20);
      left5 = madd(x, left, left5);
      right5 = madd(x, right, right5);
    }
  }
  const factor = f32x4.splat(alpha);
  storeRow(c, left0, right0, factor, accumulate);
  if (rows > 1) storeRow(c + cStep, left1, right1, factor, accumulate);
  if (rows > 2) storeRow(c + 2 * cStep, left2, right2, factor, accumulate);
  if (rows > 3) storeRow(c + 3 * cStep, left3, right3, factor, accumulate);
  if (rows > 4) storeRow(c + 4 * cStep, left4, right4, factor, accumulate);
  if (rows > 5) storeRow(c + 5 * cStep, left5, right5, factor, accumulate);
}

// One function each: a register allocator that sees all six loops at once does worse.
function tile1(a: usize, panel: usize, k: i32, c: usize, cStep: usize, alpha: f32, accumulate: bool): void {
  multiply(1, a, panel, k, c, cStep, alpha, accumulate);
}
function tile2(a: usize, panel: usize, k: i32, c: usize, cStep: usize, alpha: f32, accumulate: bool): void {
  multiply(2, a, panel, k, c, cStep, alpha, accumulate);
}
function tile3(a: usize, panel: usize, k: i32, c: usize, cStep: usize, alpha: f32, accumulate: bool): void {
  multiply(3, a, panel, k, c, cStep, alpha, accumulate);
}
function tile4(a: usize, panel: usize, k: i32, c: usize, cStep: usize, alpha: f32, accumulate: bool): void {
  multiply(4, a, panel, k, c, cStep, alpha, accumulate);
}
function tile5(a: usize, panel: usize, k: i32, c: usize, cStep: usize, alpha: f32, accumulate: bool): void {
  multiply(5, a, panel, k, c, cStep, alpha, accumulate);
}
function tile6(a: usize, panel: usize, k: i32, c: usize, cStep: usize, alpha: f32, accumulate: bool): void {
  multiply(6, a, panel, k, c, cStep, alpha, accumulate);
}

/**
 * C (rows × 8, cStep bytes between rows) = α · A · B, or C += that.
 * @param a packed (k, rows)
 * @param panel packed (k, 8)
 */
export function tile(rows: i32, a: usize, panel: usize, k: i32, c: usize, cStep: usize, alpha: f32, accumulate: bool): void {
  if (GROUP >= 6 && rows == 6) tile6(a, panel, k, c, cStep, alpha, accumulate);
  else if (GROUP >= 5 && rows == 5) tile5(a, panel, k, c, cStep, alpha, accumulate);
  else if (rows == 4) tile4(a, panel, k, c, cStep, alpha, accumulate);
  else if (rows == 3) tile3(a, panel, k, c, cStep, alpha, accumulate);
  else if (rows == 2) tile2(a, panel, k, c, cStep, alpha, accumulate);
  else tile1(a, panel, k, c, cStep, alpha, accumulate);
}

/**
 * One row of C, 8 · WIDE columns: α · A (k) · neighbouring panels, or C += that. A single row waits for memory and on its sums; several
 * panels at once keep both busy, 1.5 to 2.5 times as fast as one by one, with the same bits.
 * @param panelStep bytes between panels
 */
export function wideTile(a: usize, panel0: usize, panelStep: usize, k: i32, c: usize, alpha: f32, accumulate: bool): void {
  const zero = f32x4.splat(0);
  let left0 = zero, left1 = zero, left2 = zero, left3 = zero;
  let right0 = zero, right1 = zero, right2 = zero, right3 = zero;
  let panel1 = panel0 + panelStep;
  let panel2 = panel1 + panelStep;
  let panel3 = panel2 + panelStep;
  for (const end = a + (<usize>k << 2); a < end; a += 4) {
    const x = v128.load_splat<f32>(a);
    left0 = madd(x, v128.load(panel0), left0);
    right0 = madd(x, v128.load(panel0, 16), right0);
    left1 = madd(x, v128.load(panel1), left1);
    right1 = madd(x, v128.load(panel1, 16), right1);
    panel0 += 32;
    panel1 += 32;
    if (WIDE > 2) {
      left2 = madd(x, v128.load(panel2), left2);
      right2 = madd(x, v128.load(panel2, 16), right2);
      left3 = madd(x, v128.load(panel3), left3);
      right3 = madd(x, v128.load(panel3, 16), right3);
      panel2 += 32;
      panel3 += 32;
    }
  }
  const factor = f32x4.splat(alpha);
  storeRow(c, left0, right0, factor, accumulate);
  storeRow(c + 32, left1, right1, factor, accumulate);
  if (WIDE > 2) {
    storeRow(c + 64, left2, right2, factor, accumulate);
    storeRow(c + 96, left3, right3, factor, accumulate);
  }
}
