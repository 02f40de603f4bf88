/**
 * Sums, means, maxima and minima over the middle axis of an (outer, axis, inner) view, into (outer, inner). inner = 1 reduces
 * rows, outer = 1 reduces columns (a bias gradient is sum with outer 1, axis rows, inner columns).
 *
 * Sums are kept in f64 (simd/wide.ts), in an order that depends on the axis alone: neither the split nor the alignment
 * changes a bit. Maxima and minima propagate NaN. Tails: missing lanes are zeros (∓∞ for maxima and minima).
 */
import { Floats, FloatsOut, IntsOut } from "./parts/operands";
import { loadTail, storeTail } from "./simd/lanes";
import { rowMax, rowMin } from "./simd/rows";
import { narrow, rowSum, wideHigh, wideLow } from "./simd/wide";

/** The built-in min, whose name is a kernel's here. */
// @ts-ignore: decorator
@inline
function lesser(a: i32, b: i32): i32 {
  return a < b ? a : b;
}

/** y = factor · Σ x down `count` columns that are `stride` bytes apart from row to row: 16 columns at a time. */
function sumColumns(x: usize, y: usize, axis: i32, stride: usize, count: i32, factor: f64): void {
  const scale = f64x2.splat(factor);
  const zero = f64x2.splat(0);
  let column = 0;
  for (; column + 16 <= count; column += 16, x += 64, y += 64) {
    let s0 = zero;
    let s1 = zero;
    let s2 = zero;
    let s3 = zero;
    let s4 = zero;
    let s5 = zero;
    let s6 = zero;
    let s7 = zero;
    let row = x;
    for (let i = 0; i < axis; i++, row += stride) {
      const a = v128.load(row);
      const b = v128.load(row, 16);
      const c = v128.load(row, 32);
      const d = v128.load(row, 48);
      s0 = f64x2.add(s0, wideLow(a));
      s1 = f64x2.add(s1, wideHigh(a));
      s2 = f64x2.add(s2, wideLow(b));
      s3 = f64x2.add(s3, wideHigh(b));
      s4 = f64x2.add(s4, wideLow(c));
      s5 = f64x2.add(s5, wideHigh(c));
      s6 = f64x2.add(s6, wideLow(d));
      s7 = f64x2.add(s7, wideHigh(d));
    }
    v128.store(y, narrow(f64x2.mul(s0, scale), f64x2.mul(s1, scale)));
    v128.store(y, narrow(f64x2.mul(s2, scale), f64x2.mul(s3, scale)), 16);
    v128.store(y, narrow(f64x2.mul(s4, scale), f64x2.mul(s5, scale)), 32);
    v128.store(y, narrow(f64x2.mul(s6, scale), f64x2.mul(s7, scale)), 48);
  }
  for (; column < count; column += 4, x += 16, y += 16) {
    const lanes = lesser(4, count - column);
    let s0 = zero;
    let s1 = zero;
    let row = x;
    for (let i = 0; i < axis; i++, row += stride) {
      const a = lanes == 4 ? v128.load(row) : loadTail(row, lanes, 0);
      s0 = f64x2.add(s0, wideLow(a));
      s1 = f64x2.add(s1, wideHigh(a));
    }
    storeTail(y, narrow(f64x2.mul(s0, scale), f64x2.mul(s1, scale)), lanes);
  }
}

function scaledSum(x: usize, y: usize, axis: i32, inner: i32, factor: f64, begin: i32, end: i32): void {
  let unit = begin;
  while (unit < end) {
    const column = unit % inner;
    const count = lesser(inner - column, end - unit);
    const source = x + (<usize>((unit - column) * axis + column) << 2);
    const target = y + (<usize>unit << 2);
    if (inner == 1) store<f32>(target, <f32>(rowSum(source, axis) * factor));
    else sumColumns(source, target, axis, <usize>inner << 2, count, factor);
    unit += count;
  }
}

/**
 * y[o, i] = Σ_a x[o, a, i]. Units: elements of y.
 * @units outer * inner
 * @cost axis
 */
export function sum(x: Floats, y: FloatsOut, axis: i32, inner: i32, begin: i32, end: i32): void {
  scaledSum(x, y, axis, inner, 1, begin, end);
}

/**
 * y[o, i] = Σ_a x[o, a, i] / axis. Units: elements of y.
 * @units outer * inner
 * @cost axis
 */
export function mean(x: Floats, y: FloatsOut, axis: i32, inner: i32, begin: i32, end: i32): void {
  scaledSum(x, y, axis, inner, 1.0 / <f64>axis, begin, end);
}

/** The greater of both, or the lesser. */
// @ts-ignore: decorator
@inline
function extreme(greatest: bool, a: v128, b: v128): v128 {
  return greatest ? f32x4.max(a, b) : f32x4.min(a, b);
}

// @ts-ignore: decorator
@inline
function extremesOfColumns(greatest: bool, x: usize, y: usize, axis: i32, stride: usize, count: i32): void {
  const start = f32x4.splat(greatest ? -Infinity : Infinity);
  let column = 0;
  for (; column + 16 <= count; column += 16, x += 64, y += 64) {
    let m0 = start;
    let m1 = start;
    let m2 = start;
    let m3 = start;
    let row = x;
    for (let i = 0; i < axis; i++, row += stride) {
      m0 = extreme(greatest, m0, v128.load(row));
      m1 = extreme(greatest, m1, v128.load(row, 16));
      m2 = extreme(greatest, m2, v128.load(row, 32));
      m3 = extreme(greatest, m3, v128.load(row, 48));
    }
    v128.store(y, m0);
    v128.store(y, m1, 16);
    v128.store(y, m2, 32);
    v128.store(y, m3, 48);
  }
  for (; column < count; column += 4, x += 16, y += 16) {
    const lanes = lesser(4, count - column);
    let m = start;
    let row = x;
    for (let i = 0; i < axis; i++, row += stride) {
      m = extreme(greatest, m, lanes == 4 ? v128.load(row) : loadTail(row, lanes, 0));
    }
    storeTail(y, m, lanes);
  }
}

// @ts-ignore: decorator
@inline
function extremes(greatest: bool, x: usize, y: usize, axis: i32, inner: i32, begin: i32, end: i32): void {
  let unit = begin;
  while (unit < end) {
    const column = unit % inner;
    const count = lesser(inner - column, end - unit);
    const source = x + (<usize>((unit - column) * axis + column) << 2);
    const target = y + (<usize>unit << 2);
    if (inner == 1) store<f32>(target, greatest ? rowMax(source, axis) : rowMin(source, axis));
    else extremesOfColumns(greatest, source, target, axis, <usize>inner << 2, count);
    unit += count;
  }
}

/**
 * y[o, i] = max_a x[o, a, i]; NaN if one is there. Units: elements of y.
 * @units outer * inner
 * @cost axis
 */
export function max(x: Floats, y: FloatsOut, axis: i32, inner: i32, begin: i32, end: i32): void {
  extremes(true, x, y, axis, inner, begin, end);
}

/**
 * y[o, i] = min_a x[o, a, i]; NaN if one is there. Units: elements of y.
 * @units outer * inner
 * @cost axis
 */
export function min(x: Floats, y: FloatsOut, axis: i32, inner: i32, begin: i32, end: i32): void {
  extremes(false, x, y, axis, inner, begin, end);
}

/**
 * Of max and of min: dx = dy / ties where x = y, else 0: equal ones share the gradient, as in torch.amax. Units: elements of y.
 * @units outer * inner
 * @cost axis
 */
export function extremeBackward(
  x: Floats, y: Floats, dy: Floats, dx: FloatsOut, axis: i32, inner: i32, begin: i32, end: i32,
): void {
  const stride = <usize>inner << 2;
  for (let unit = begin; unit < end; unit++) {
    const column = unit % inner;
    const first = <usize>((unit - column) * axis + column) << 2;
    const found = load<f32>(y + (<usize>unit << 2));
    let ties: f32 = 0;
    for (let a = 0, o = x + first; a < axis; a++, o += stride) if (load<f32>(o) == found) ties++;
    const share = load<f32>(dy + (<usize>unit << 2)) / ties;
    for (let a = 0, o = first; a < axis; a++, o += stride) {
      store<f32>(dx + o, load<f32>(x + o) == found ? share : 0);
    }
  }
}

/**
 * indices[row] = the first column that holds the row's maximum (a NaN counts as the greatest), i32. Units: rows.
 * @units rows
 * @cost columns
 */
export function argmax(x: Floats, indices: IntsOut, columns: i32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const source = x + (<usize>(row * columns) << 2);
    const highest = f32x4.splat(rowMax(source, columns));
    let index = 0;
    for (let i = 0; i < columns; i += 4) {
      const v = loadTail(source + (<usize>i << 2), lesser(4, columns - i), 0);
      const found = i32x4.bitmask(v128.or(f32x4.eq(v, highest), f32x4.ne(v, v)));
      if (found) {
        index = i + ctz(found);
        break;
      }
    }
    store<i32>(indices + (<usize>row << 2), index);
  }
}
