/** Rows of f32 moved, added or searched, four at a time. Pointers may be 4-byte aligned. */
import { loadTail, maxLanes } from "./lanes";

/** y = x */
export function copyRow(x: usize, y: usize, count: i32): void {
  const body = x + (<usize>(count & ~3) << 2);
  const end = x + (<usize>count << 2);
  for (; x < body; x += 16, y += 16) v128.store(y, v128.load(x));
  for (; x < end; x += 4, y += 4) store<u32>(y, load<u32>(x));
}

/** y += x */
export function addRow(x: usize, y: usize, count: i32): void {
  const body = x + (<usize>(count & ~3) << 2);
  const end = x + (<usize>count << 2);
  for (; x < body; x += 16, y += 16) v128.store(y, f32x4.add(v128.load(y), v128.load(x)));
  for (; x < end; x += 4, y += 4) store<f32>(y, load<f32>(y) + load<f32>(x));
}

/** The greatest of `count` neighbours, or the least; NaN if one is there, -∞ or ∞ of none. */
// @ts-ignore: decorator
@inline
function rowExtreme(greatest: bool, x: usize, count: i32): f32 {
  // pmax is one instruction where max is seven, but it may lose a NaN: those are looked for beside it.
  const start: f32 = greatest ? -Infinity : Infinity;
  let m0 = f32x4.splat(start);
  let m1 = m0;
  let nan = f32x4.splat(0);
  let i = 0;
  for (; i + 8 <= count; i += 8, x += 32) {
    const a = v128.load(x);
    const b = v128.load(x, 16);
    m0 = greatest ? f32x4.pmax(m0, a) : f32x4.pmin(m0, a);
    m1 = greatest ? f32x4.pmax(m1, b) : f32x4.pmin(m1, b);
    nan = v128.or(nan, v128.or(f32x4.ne(a, a), f32x4.ne(b, b)));
  }
  for (; i < count; i += 4, x += 16) {
    const a = loadTail(x, min(4, count - i), start);
    m0 = greatest ? f32x4.pmax(m0, a) : f32x4.pmin(m0, a);
    nan = v128.or(nan, f32x4.ne(a, a));
  }
  if (v128.any_true(nan)) return NaN;
  return greatest ? maxLanes(f32x4.max(m0, m1)) : -maxLanes(f32x4.neg(f32x4.min(m0, m1)));
}

/** The greatest of `count` neighbours; NaN if one is there, -∞ of none. */
export function rowMax(x: usize, count: i32): f32 {
  return rowExtreme(true, x, count);
}

/** The least of `count` neighbours; NaN if one is there, ∞ of none. */
export function rowMin(x: usize, count: i32): f32 {
  return rowExtreme(false, x, count);
}
