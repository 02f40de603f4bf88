/**
 * Sums, means and maxima over the middle axis of an (outer, axis, inner) view, into (outer, inner). inner = 1 reduces
 * rows, outer = 1 reduces columns (a bias gradient is sum with outer 1, axis rows, inner columns).
 *
 * Sums are kept in f64 (simd/wide.ts), in an order that depends on the axis alone: neither the split nor the alignment
 * changes a bit. A sum over everything takes two steps, a partial sum for each block of 4096 elements and then their
 * sum, so that threads share the first. Maxima propagate NaN. Tails: missing lanes are zeros (-∞ for maxima).
 */
import { loadTail, storeTail } from "./simd/lanes";
import { rowMax } from "./simd/rows";
import { narrow, rowDot, rowSum, wideHigh, wideLow } from "./simd/wide";

/** Elements in a block of sumPartials and sumOfSquaresPartials. */
const BLOCK: i32 = 4096;

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
    const lanes = min(4, count - column);
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
    const count = min(inner - column, end - unit);
    const source = x + (<usize>((unit - column) * axis + column) << 2);
    const target = y + (<usize>unit << 2);
    if (inner == 1) store<f32>(target, <f32>(rowSum(source, axis) * factor));
    else sumColumns(source, target, axis, <usize>inner << 2, count, factor);
    unit += count;
  }
}

/** y[o, i] = Σ_a x[o, a, i]. Units: elements of y. */
export function sum(x: usize, y: usize, axis: i32, inner: i32, begin: i32, end: i32): void {
  scaledSum(x, y, axis, inner, 1, begin, end);
}

/** y[o, i] = Σ_a x[o, a, i] / axis. Units: elements of y. */
export function mean(x: usize, y: usize, axis: i32, inner: i32, begin: i32, end: i32): void {
  scaledSum(x, y, axis, inner, 1.0 / <f64>axis, begin, end);
}

function maxOfColumns(x: usize, y: usize, axis: i32, stride: usize, count: i32): void {
  const least = f32x4.splat(-Infinity);
  let column = 0;
  for (; column + 16 <= count; column += 16, x += 64, y += 64) {
    let m0 = least;
    let m1 = least;
    let m2 = least;
    let m3 = least;
    let row = x;
    for (let i = 0; i < axis; i++, row += stride) {
      m0 = f32x4.max(m0, v128.load(row));
      m1 = f32x4.max(m1, v128.load(row, 16));
      m2 = f32x4.max(m2, v128.load(row, 32));
      m3 = f32x4.max(m3, v128.load(row, 48));
    }
    v128.store(y, m0);
    v128.store(y, m1, 16);
    v128.store(y, m2, 32);
    v128.store(y, m3, 48);
  }
  for (; column < count; column += 4, x += 16, y += 16) {
    const lanes = min(4, count - column);
    let m = least;
    let row = x;
    for (let i = 0; i < axis; i++, row += stride) {
      m = f32x4.max(m, lanes == 4 ? v128.load(row) : loadTail(row, lanes, 0));
    }
    storeTail(y, m, lanes);
  }
}

/** y[o, i] = max_a x[o, a, i]; NaN if one is there. Units: elements of y. */
export function max(x: usize, y: usize, axis: i32, inner: i32, begin: i32, end: i32): void {
  let unit = begin;
  while (unit < end) {
    const column = unit % inner;
    const count = min(inner - column, end - unit);
    const source = x + (<usize>((unit - column) * axis + column) << 2);
    const target = y + (<usize>unit << 2);
    if (inner == 1) store<f32>(target, rowMax(source, axis));
    else maxOfColumns(source, target, axis, <usize>inner << 2, count);
    unit += count;
  }
}

/** dx = dy / ties where x = y, else 0: equal maxima share the gradient, as in torch.amax. Units: elements of y. */
export function maxBackward(
  x: usize, y: usize, dy: usize, dx: usize, axis: i32, inner: i32, begin: i32, end: i32,
): void {
  const stride = <usize>inner << 2;
  for (let unit = begin; unit < end; unit++) {
    const column = unit % inner;
    const first = <usize>((unit - column) * axis + column) << 2;
    const highest = load<f32>(y + (<usize>unit << 2));
    let ties: f32 = 0;
    for (let a = 0, o = x + first; a < axis; a++, o += stride) if (load<f32>(o) == highest) ties++;
    const share = load<f32>(dy + (<usize>unit << 2)) / ties;
    for (let a = 0, o = first; a < axis; a++, o += stride) {
      store<f32>(dx + o, load<f32>(x + o) == highest ? share : 0);
    }
  }
}

/** indices[row] = the first column that holds the row's maximum (a NaN counts as the greatest), i32. Units: rows. */
export function argmax(x: usize, indices: usize, columns: i32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const source = x + (<usize>(row * columns) << 2);
    const highest = f32x4.splat(rowMax(source, columns));
    let index = 0;
    for (let i = 0; i < columns; i += 4) {
      const v = loadTail(source + (<usize>i << 2), min(4, columns - i), 0);
      const found = i32x4.bitmask(v128.or(f32x4.eq(v, highest), f32x4.ne(v, v)));
      if (found) {
        index = i + ctz(found);
        break;
      }
    }
    store<i32>(indices + (<usize>row << 2), index);
  }
}

/** partials[block] = Σ x over the 4096 elements of the block (the last is shorter), f64. Units: blocks. */
export function sumPartials(x: usize, partials: usize, length: i32, begin: i32, end: i32): void {
  for (let block = begin; block < end; block++) {
    const first = block * BLOCK;
    store<f64>(partials + (<usize>block << 3), rowSum(x + (<usize>first << 2), min(BLOCK, length - first)));
  }
}

/** partials[block] = Σ x² over the 4096 elements of the block, f64. Units: blocks. */
export function sumOfSquaresPartials(x: usize, partials: usize, length: i32, begin: i32, end: i32): void {
  for (let block = begin; block < end; block++) {
    const first = block * BLOCK;
    const source = x + (<usize>first << 2);
    store<f64>(partials + (<usize>block << 3), rowDot(source, source, min(BLOCK, length - first)));
  }
}

/** y[0] = Σ partials over `count` blocks. Units: one. */
export function sumOfPartials(partials: usize, y: usize, count: i32, begin: i32, end: i32): void {
  let total: f64 = 0;
  for (let block = 0; block < count; block++) total += load<f64>(partials + (<usize>block << 3));
  if (begin < end) store<f32>(y, <f32>total);
}
