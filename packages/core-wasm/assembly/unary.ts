/**
 * y = f(x), elementwise. Units: elements. y may be x. NaN propagates. Tails run through the same lanes as
 * the body. exp and log are those of simd/math.ts; pow is musl's powf (f64 inside, exact special cases), one element at a time.
 */
import { Floats, FloatsOut } from "./parts/operands";
import { loadTail, storeTail } from "./simd/lanes";
import { exp as expLanes, log as logLanes } from "./simd/math";

const SIGN = memory.data<f32>([-0.0]);

const NEGATE: i32 = 0;
const EXP: i32 = 1;
const LOG: i32 = 2;
const SQRT: i32 = 3;
const SQUARE: i32 = 4;
const ABS: i32 = 5;
const CLAMP: i32 = 6;

// @ts-ignore: decorator
@inline
function apply(op: i32, x: v128, a: v128, b: v128): v128 {
  if (op == NEGATE) return f32x4.neg(x);
  if (op == EXP) return expLanes(x);
  if (op == LOG) return logLanes(x);
  if (op == SQRT) return f32x4.sqrt(x);
  if (op == SQUARE) return f32x4.mul(x, x);
  if (op == ABS) return f32x4.abs(x);
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

/**
 * y = -x
 * @units size
 * @cost 2
 */
export function negate(x: Floats, y: FloatsOut, begin: i32, end: i32): void {
  unary(NEGATE, x, y, 0, 0, begin, end);
}

/**
 * y = eˣ
 * @units size
 * @cost 8
 */
export function exp(x: Floats, y: FloatsOut, begin: i32, end: i32): void {
  unary(EXP, x, y, 0, 0, begin, end);
}

/**
 * y = ln x
 * @units size
 * @cost 8
 */
export function log(x: Floats, y: FloatsOut, begin: i32, end: i32): void {
  unary(LOG, x, y, 0, 0, begin, end);
}

/**
 * y = √x
 * @units size
 * @cost 8
 */
export function sqrt(x: Floats, y: FloatsOut, begin: i32, end: i32): void {
  unary(SQRT, x, y, 0, 0, begin, end);
}

/**
 * y = x²
 * @units size
 * @cost 2
 */
export function square(x: Floats, y: FloatsOut, begin: i32, end: i32): void {
  unary(SQUARE, x, y, 0, 0, begin, end);
}

/**
 * y = |x|
 * @units size
 * @cost 2
 */
export function abs(x: Floats, y: FloatsOut, begin: i32, end: i32): void {
  unary(ABS, x, y, 0, 0, begin, end);
}

/**
 * y = min(max(x, low), high)
 * @units size
 * @cost 2
 */
export function clamp(x: Floats, y: FloatsOut, low: f32, high: f32, begin: i32, end: i32): void {
  unary(CLAMP, x, y, low, high, begin, end);
}

/**
 * y = x^exponent
 * @units size
 * @cost 64
 */
export function pow(x: Floats, y: FloatsOut, exponent: f32, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const o = <usize>i << 2;
    store<f32>(y + o, Mathf.pow(load<f32>(x + o), exponent));
  }
}

const OF_ABS: i32 = 0;
const OF_CLAMP: i32 = 1;

/** dx from x and dy, a lane at a time. */
// @ts-ignore: decorator
@inline
function slope(op: i32, x: v128, dy: v128, a: v128, b: v128): v128 {
  if (op == OF_CLAMP) return v128.and(dy, v128.and(f32x4.gt(x, a), f32x4.lt(x, b)));
  const signed = v128.xor(dy, v128.and(x, v128.load_splat<f32>(SIGN)));
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

/**
 * dx = dy·sign(x), 0 where x is 0 or NaN, as in torch
 * @units size
 * @cost 4
 */
export function absBackward(x: Floats, dy: Floats, dx: FloatsOut, begin: i32, end: i32): void {
  unaryBackward(OF_ABS, x, dy, dx, 0, 0, begin, end);
}

/**
 * dx = dy where low < x < high, else 0, as in torch
 * @units size
 * @cost 4
 */
export function clampBackward(x: Floats, dy: Floats, dx: FloatsOut, low: f32, high: f32, begin: i32, end: i32): void {
  unaryBackward(OF_CLAMP, x, dy, dx, low, high, begin, end);
}
