/**
 * The two operands of int8-matmul.ts, in small whole numbers. A row's step and zero come from the range of its numbers and 0, as in ONNX's
 * DynamicQuantizeLinear:
 *
 *   x ≈ s · (q - z)    a row of activations, at run time: q from -128 to 127
 *   w ≈ t · (u - v)    a row of a weight (out, in), once: u from 0 to 127
 *
 * Weights have seven bits, so that the sum of two products fits in 16: 2 · 128 · 127 < 2¹⁵. Then the integers are the same in every build.
 *
 * Rows (m × k): groups of at most as many rows as the tile has, as even as can be, each [rows][s, z, Σq, 0] and [⌈k/4⌉][rows][4] of q: bytes in
 * the relaxed build, which has a dot product of bytes; in the plain one 16 bits each, in the order 0, 2, 1, 3. It depends on the build: not for
 * keeping.
 * Panels (k × n): [⌈n/8⌉], each 8 of t, 8 of v, 8 of Σ(u - v), and [⌈k/4⌉][8][4] bytes of u. The same in every build.
 *
 * A row with NaN or ∞ in it gets the step NaN, and so does its every product; a row that lies within 1e-30 counts as 0.
 * Tails: missing steps of k are x = 0 and w = 0, missing columns zeros throughout.
 */
import { BytesOut, Floats } from "./parts/operands";
import { INT8_ROWS, MOST_ROW_QUAD, PANEL_HEADER, panelBytes, QUAD, ROW_HEADER, ROW_QUAD, rowBytes } from "./parts/int8-layout";
import { ceilDivide, PANEL, partBegin } from "./parts/matmul-tile";
import { loadTail, maxLanes } from "./simd/lanes";

const TINY: f32 = 1e-30;

/** 1.5 · 2²³: added to a small number, it leaves the nearest whole one, ties to even, in the lowest bits. Loaded, because V8 rebuilds v128 constants inside loops. */
const TO_WHOLE: f32 = 12582912;
const TO_WHOLE_BITS: i32 = 0x4b400000;
const LOADED = memory.data<f32>([TO_WHOLE]);

/** Four numbers, scaled, as whole numbers to which `zeros` is added. TO_WHOLE_BITS are taken off there already. */
// @ts-ignore: decorator
@inline
function whole(x: usize, inverses: v128, toWhole: v128, zeros: v128): v128 {
  return i32x4.add(f32x4.add(f32x4.mul(v128.load(x), inverses), toWhole), zeros);
}

/**
 * `count` neighbours as whole numbers, their range and 0 cut into `steps` from `lowest` on: four by four, `toStep` bytes apart; the step and
 * the zero `headerStep` bytes apart. Gives the sum of the whole numbers.
 */
function quantize(
  x: usize, count: i32, lowest: i32, steps: f32, words: bool, header: usize, headerStep: usize, to: usize, toStep: usize,
): i32 {
  let low = f32x4.splat(0);
  let high = low;
  let nan = low;
  let i = 0;
  for (; i + QUAD <= count; i += QUAD) {
    const v = v128.load(x + (<usize>i << 2));
    low = f32x4.pmin(low, v);
    high = f32x4.pmax(high, v);
    nan = v128.or(nan, f32x4.ne(v, v));
  }
  if (i < count) {
    const v = loadTail(x + (<usize>i << 2), count - i, 0);
    low = f32x4.pmin(low, v);
    high = f32x4.pmax(high, v);
    nan = v128.or(nan, f32x4.ne(v, v));
  }
  const least: f32 = -maxLanes(f32x4.neg(low));
  const range: f32 = maxLanes(high) - least;
  const isFinite = range < Infinity && !v128.any_true(nan);
  const inverse: f32 = isFinite && range > TINY ? steps / range : 0;
  const zero = inverse > 0 ? lowest - <i32>nearest<f32>(least * inverse) : 0;
  store<f32>(header, inverse > 0 ? range / steps : isFinite ? 0 : NaN);
  store<i32>(header + headerStep, zero);

  const inverses = f32x4.splat(inverse);
  const zeros = i32x4.splat(zero);
  let sums = i32x4.splat(0);
  i = 0;
  if (isFinite && !words) {
    const toWhole = v128.load32_splat(LOADED);
    const shifted = i32x4.splat(zero - TO_WHOLE_BITS);
    for (; i + 4 * QUAD <= count; i += 4 * QUAD, to += 4 * toStep) {
      const from = x + (<usize>i << 2);
      const left = i16x8.narrow_i32x4_s(whole(from, inverses, toWhole, shifted), whole(from + 16, inverses, toWhole, shifted));
      const right = i16x8.narrow_i32x4_s(whole(from + 32, inverses, toWhole, shifted), whole(from + 48, inverses, toWhole, shifted));
      const bytes = i8x16.narrow_i16x8_s(left, right);
      sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_s(i16x8.extadd_pairwise_i8x16_s(bytes)));
      v128.store_lane<u32>(to, bytes, 0);
      v128.store_lane<u32>(to + toStep, bytes, 1);
      v128.store_lane<u32>(to + 2 * toStep, bytes, 2);
      v128.store_lane<u32>(to + 3 * toStep, bytes, 3);
    }
  }
  for (; i < count; i += QUAD, to += toStep) {
    const scaled = f32x4.mul(loadTail(x + (<usize>i << 2), min(QUAD, count - i), 0), inverses);
    const q = i32x4.add(i32x4.trunc_sat_f32x4_s(f32x4.nearest(scaled)), zeros); // what isn't a number is zero
    const narrow = i16x8.narrow_i32x4_s(q, q);
    const bytes = i8x16.narrow_i16x8_s(narrow, narrow); // where both ends rounded away from 0, the greatest is cut down to 127
    const four = i16x8.extend_low_i8x16_s(bytes);
    sums = i32x4.add(sums, i32x4.extend_low_i16x8_s(four));
    if (words) v128.store_lane<u64>(to, v128.shuffle<u16>(four, four, 0, 2, 1, 3, 0, 2, 1, 3), 0);
    else v128.store_lane<u32>(to, bytes, 0);
  }
  const pairs = i32x4.add(sums, v128.shuffle<u32>(sums, sums, 2, 3, 0, 1));
  return i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
}

/**
 * Bytes that the rows of an (m, k) matrix take in whole numbers, in the build that needs more.
 * @length int8RowsBytes(m, k) = m * (ROW_HEADER + MOST_ROW_QUAD * ceilDivide(k, QUAD))
 */

/**
 * Bytes that the panels of a (k, n) matrix take in whole numbers.
 * @length int8PanelsBytes(k, n) = ceilDivide(n, PANEL) * (PANEL_HEADER + QUAD * PANEL * ceilDivide(k, QUAD))
 */

/** Rows that a unit of int8Rows has, about: it takes its share of the groups, whatever the tile. */
const UNIT_ROWS: i32 = 4;

/**
 * Rows of x (m × k), row-major, packed. Units: shares of the groups, ⌈m/4⌉.
 * @units ceilDivide(m, UNIT_ROWS)
 * @cost 8 * k
 */
export function int8Rows(x: Floats, rows: BytesOut, m: i32, k: i32, begin: i32, end: i32): void {
  const units = ceilDivide(m, UNIT_ROWS);
  const groups = ceilDivide(m, INT8_ROWS);
  const last = partBegin(end, units, groups);
  for (let part = partBegin(begin, units, groups); part < last; part++) {
    const first: usize = partBegin(part, groups, m);
    const count: usize = partBegin(part + 1, groups, m) - first;
    const group = rows + first * rowBytes(k);
    for (let lane: usize = 0; lane < count; lane++) {
      const header = group + lane * ROW_HEADER;
      const to = group + count * ROW_HEADER + lane * ROW_QUAD;
      const from = x + (((first + lane) * k) << 2);
      const sum = quantize(from, k, -128, 255, !ASC_FEATURE_RELAXED_SIMD, header, 4, to, count * ROW_QUAD);
      store<i32>(header, sum, 8);
      store<i32>(header, 0, 12);
    }
  }
}

/**
 * A weight (n, k), row-major, as panels of its transpose (k × n). Units: panels, ⌈n/8⌉.
 * @units ceilDivide(n, PANEL)
 * @cost 8 * k
 */
export function int8Panels(weight: Floats, panels: BytesOut, k: i32, n: i32, begin: i32, end: i32): void {
  for (let index = begin; index < end; index++) {
    const panel = panels + <usize>index * panelBytes(k);
    const first = index * PANEL;
    if (n - first < PANEL) memory.fill(panel, 0, panelBytes(k));
    for (let column = 0; column < min(PANEL, n - first); column++) {
      const header = panel + (<usize>column << 2);
      const sum = quantize(weight + ((<usize>(first + column) * k) << 2), k, 0, 127, false, header, 32, header + PANEL_HEADER, 32);
      store<i32>(header, sum - ceilDivide(k, QUAD) * QUAD * load<i32>(header, 32), 64);
    }
  }
}
