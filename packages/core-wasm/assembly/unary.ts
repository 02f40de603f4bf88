/**
 * y = f(x), elementwise, and updates in place. Units: elements. y may be x. NaN propagates. Tails run through the same lanes as
 * the body. exp and log are those of simd/math.ts; power is musl's powf (f64 inside, exact special cases), one element at a time.
 */
import { loadTail, storeTail } from "./simd/lanes";
import { madd } from "./simd/madd";
import { exp as expLanes, log as logLanes } from "./simd/math";

/** 1, and the sign bit */
const ONE = memory.data<f32>([1, -0.0]);

const NEGATE: i32 = 0;
const EXP: i32 = 1;
const LOG: i32 = 2;
const SQRT: i32 = 3;
const RSQRT: i32 = 4;
const SQUARE: i32 = 5;
const ABS: i32 = 6;
const SCALE_SHIFT: i32 = 7;
const CLAMP: i32 = 8;

// @ts-ignore: decorator
@inline
function apply(op: i32, x: v128, a: v128, b: v128): v128 {
  if (op == NEGATE) return f32x4.neg(x);
  if (op == EXP) return expLanes(x);
  if (op == LOG) return logLanes(x);
  if (op == SQRT) return f32x4.sqrt(x);
  if (op == RSQRT) return f32x4.div(v128.load_splat<f32>(ONE), f32x4.sqrt(x));
  if (op == SQUARE) return f32x4.mul(x, x);
  if (op == ABS) return f32x4.abs(x);
  if (op == SCALE_SHIFT) return madd(x, a, b);
  return f32x4.pmin(f32x4.pmax(x, a), b); // x < a ? a : x, so NaN passes
}

// @ts-ignore: decorator
@inline
function unary(op: i32, x: usize, y: usize, a: f32, b: f32, begin: i32, end: i32): void {
  const va = f32x4.splat(a);
  const vb = f32x4.splat(b);
  let i = <usize>begin << 2;
  const body = i + (<usize>((end - begin) & ~3) << 2);
  const rest = (end - begin) & 3;
  for (; i < body; i += 16) v128.store(y + i, apply(op, v128.load(x + i), va, vb));
  if (rest) storeTail(y + i, apply(op, loadTail(x + i, rest, 1), va, vb), rest);
}

/** y = -x */
export function negate(x: usize, y: usize, begin: i32, end: i32): void {
  unary(NEGATE, x, y, 0, 0, begin, end);
}

/** y = eˣ */
export function exp(x: usize, y: usize, begin: i32, end: i32): void {
  unary(EXP, x, y, 0, 0, begin, end);
}

/** y = ln x */
export function log(x: usize, y: usize, begin: i32, end: i32): void {
  unary(LOG, x, y, 0, 0, begin, end);
}

/** y = √x */
export function sqrt(x: usize, y: usize, begin: i32, end: i32): void {
  unary(SQRT, x, y, 0, 0, begin, end);
}

/** y = 1/√x */
export function rsqrt(x: usize, y: usize, begin: i32, end: i32): void {
  unary(RSQRT, x, y, 0, 0, begin, end);
}

/** y = x² */
export function square(x: usize, y: usize, begin: i32, end: i32): void {
  unary(SQUARE, x, y, 0, 0, begin, end);
}

/** y = |x| */
export function abs(x: usize, y: usize, begin: i32, end: i32): void {
  unary(ABS, x, y, 0, 0, begin, end);
}

/** y = scale·x + shift */
export function scaleShift(x: usize, y: usize, scale: f32, shift: f32, begin: i32, end: i32): void {
  unary(SCALE_SHIFT, x, y, scale, shift, begin, end);
}

/** y = min(max(x, low), high) */
export function clamp(x: usize, y: usize, low: f32, high: f32, begin: i32, end: i32): void {
  unary(CLAMP, x, y, low, high, begin, end);
}

/** y = x^exponent */
export function power(x: usize, y: usize, exponent: f32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const o = <usize>i << 2;
    store<f32>(y + o, Mathf.pow(load<f32>(x + o), exponent));
  }
}

/** y = value */
export function fill(y: usize, value: f32, begin: i32, end: i32): void {
  const four = f32x4.splat(value);
  let i = begin;
  for (; i + 4 <= end; i += 4) v128.store(y + (<usize>i << 2), four);
  for (; i < end; i++) store<f32>(y + (<usize>i << 2), value);
}

/** y = x; x and y may overlap within one call. */
export function copy(x: usize, y: usize, begin: i32, end: i32): void {
  const first = <usize>begin << 2;
  memory.copy(y + first, x + first, <usize>(end - begin) << 2);
}

/** y += x */
export function accumulate(x: usize, y: usize, begin: i32, end: i32): void {
  addScaled(x, y, 1, begin, end);
}

/** y += factor·x */
export function addScaled(x: usize, y: usize, factor: f32, begin: i32, end: i32): void {
  const f = f32x4.splat(factor);
  let i = <usize>begin << 2;
  const body = i + (<usize>((end - begin) & ~3) << 2);
  const rest = (end - begin) & 3;
  for (; i < body; i += 16) v128.store(y + i, madd(f, v128.load(x + i), v128.load(y + i)));
  if (rest) storeTail(y + i, madd(f, loadTail(x + i, rest, 0), loadTail(y + i, rest, 0)), rest);
}

const OF_ABS: i32 = 0;
const OF_CLAMP: i32 = 1;

/** dx from x and dy, a lane at a time. */
// @ts-ignore: decorator
@inline
function slope(op: i32, x: v128, dy: v128, a: v128, b: v128): v128 {
  if (op == OF_CLAMP) return v128.and(dy, v128.and(f32x4.gt(x, a), f32x4.lt(x, b)));
  const signed = v128.xor(dy, v128.and(x, v128.load_splat<f32>(ONE, 4)));
  return v128.and(signed, f32x4.gt(f32x4.abs(x), f32x4.splat(0)));
}

// @ts-ignore: decorator
@inline
function unaryBackward(op: i32, x: usize, dy: usize, dx: usize, a: f32, b: f32, begin: i32, end: i32): void {
  const va = f32x4.splat(a);
  const vb = f32x4.splat(b);
  let i = <usize>begin << 2;
  const body = i + (<usize>((end - begin) & ~3) << 2);
  const rest = (end - begin) & 3;
  for (; i < body; i += 16) v128.store(dx + i, slope(op, v128.load(x + i), v128.load(dy + i), va, vb));
  if (rest) storeTail(dx + i, slope(op, loadTail(x + i, rest, 0), loadTail(dy + i, rest, 0), va, vb), rest);
}

/** dx = dy·sign(x), 0 where x is 0 or NaN, as in torch */
export function absBackward(x: usize, dy: usize, dx: usize, begin: i32, end: i32): void {
  unaryBackward(OF_ABS, x, dy, dx, 0, 0, begin, end);
}

/** dx = dy where low < x < high, else 0, as in torch */
export function clampBackward(x: usize, dy: usize, dx: usize, low: f32, high: f32, begin: i32, end: i32): void {
  unaryBackward(OF_CLAMP, x, dy, dx, low, high, begin, end);
}
