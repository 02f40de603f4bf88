/**
 * Sums of f32 kept in f64: four f32 lanes are two f64x2. Reading memory costs more than the widening does, and a sum of
 * millions of terms stays exact to the last bit of f32 without pairwise trees.
 */
import { loadTail } from "./lanes";
import { expNegative } from "./math";

/** Lanes 0 and 1 as f64. */
// @ts-ignore: decorator
@inline
export function wideLow(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}

/** Lanes 2 and 3 as f64. */
// @ts-ignore: decorator
@inline
export function wideHigh(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<u64>(x, x, 1, 1));
}

/** Two f64x2 back to four f32, each rounded once. */
// @ts-ignore: decorator
@inline
export function narrow(low: v128, high: v128): v128 {
  return v128.shuffle<u64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
}

/** The sum of both lanes. */
// @ts-ignore: decorator
@inline
export function sumWide(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
}

/** Σ x over `count` neighbours. */
export function rowSum(x: usize, count: i32): f64 {
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let i = 0;
  for (; i + 8 <= count; i += 8, x += 32) {
    const low = v128.load(x);
    const high = v128.load(x, 16);
    s0 = f64x2.add(s0, wideLow(low));
    s1 = f64x2.add(s1, wideHigh(low));
    s2 = f64x2.add(s2, wideLow(high));
    s3 = f64x2.add(s3, wideHigh(high));
  }
  for (; i < count; i += 4, x += 16) {
    const v = loadTail(x, min(4, count - i), 0);
    s0 = f64x2.add(s0, wideLow(v));
    s1 = f64x2.add(s1, wideHigh(v));
  }
  return sumWide(f64x2.add(f64x2.add(s0, s2), f64x2.add(s1, s3)));
}

/** Σ x·y over `count` neighbours; the products are exact. */
export function rowDot(x: usize, y: usize, count: i32): f64 {
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let i = 0;
  for (; i + 8 <= count; i += 8, x += 32, y += 32) {
    const a = v128.load(x);
    const b = v128.load(y);
    const c = v128.load(x, 16);
    const d = v128.load(y, 16);
    s0 = f64x2.add(s0, f64x2.mul(wideLow(a), wideLow(b)));
    s1 = f64x2.add(s1, f64x2.mul(wideHigh(a), wideHigh(b)));
    s2 = f64x2.add(s2, f64x2.mul(wideLow(c), wideLow(d)));
    s3 = f64x2.add(s3, f64x2.mul(wideHigh(c), wideHigh(d)));
  }
  for (; i < count; i += 4, x += 16, y += 16) {
    const a = loadTail(x, min(4, count - i), 0);
    const b = loadTail(y, min(4, count - i), 0);
    s0 = f64x2.add(s0, f64x2.mul(wideLow(a), wideLow(b)));
    s1 = f64x2.add(s1, f64x2.mul(wideHigh(a), wideHigh(b)));
  }
  return sumWide(f64x2.add(f64x2.add(s0, s2), f64x2.add(s1, s3)));
}

/** Σ e^(x - m) over `count` neighbours, none above m. */
export function rowSumExp(x: usize, m: f32, count: i32): f64 {
  const shift = f32x4.splat(m);
  let low = f64x2.splat(0);
  let high = low;
  let i = 0;
  for (; i + 4 <= count; i += 4, x += 16) {
    const e = expNegative(f32x4.sub(v128.load(x), shift));
    low = f64x2.add(low, wideLow(e));
    high = f64x2.add(high, wideHigh(e));
  }
  if (i < count) {
    const e = expNegative(f32x4.sub(loadTail(x, count - i, -Infinity), shift));
    low = f64x2.add(low, wideLow(e));
    high = f64x2.add(high, wideHigh(e));
  }
  return sumWide(f64x2.add(low, high));
}
