/**
 * Sums, differences, products, quotients, and the greater or lesser of two operands (these propagate NaN): binary.ts has the loops, and says
 * what the Broadcast forms take. Besides, sums in place, and a linear function of one operand.
 * Units: elements, or pieces of rows. Tails run through the same lanes as the body.
 */
import { Binary, broadcast, PIECE, same } from "./parts/binary";
import { Floats, FloatsOut } from "./parts/operands";
import { loadTail, storeTail } from "./simd/lanes";
import { madd } from "./simd/madd";

/**
 * y = a + b, one shape.
 * @units size
 * @cost 2
 */
export function add(a: Floats, b: Floats, y: FloatsOut, begin: i32, end: i32): void {
  same(Binary.Add, a, b, y, begin, end);
}

/**
 * y = a + b, broadcast.
 * @units n0 * n1 * n2 * n3 * ceilDivide(inner, PIECE)
 * @cost 2 * min(inner, PIECE)
 */
export function addBroadcast(
  a: Floats, b: Floats, y: FloatsOut, n1: i32, n2: i32, n3: i32, inner: i32,
  a0: i32, a1: i32, a2: i32, a3: i32, aInner: i32, b0: i32, b1: i32, b2: i32, b3: i32, bInner: i32, begin: i32, end: i32,
): void {
  broadcast(Binary.Add, a, b, y, n1, n2, n3, inner, a0, a1, a2, a3, aInner, b0, b1, b2, b3, bInner, begin, end);
}

/**
 * y = a - b, one shape.
 * @units size
 * @cost 2
 */
export function subtract(a: Floats, b: Floats, y: FloatsOut, begin: i32, end: i32): void {
  same(Binary.Subtract, a, b, y, begin, end);
}

/**
 * y = a - b, broadcast.
 * @units n0 * n1 * n2 * n3 * ceilDivide(inner, PIECE)
 * @cost 2 * min(inner, PIECE)
 */
export function subtractBroadcast(
  a: Floats, b: Floats, y: FloatsOut, n1: i32, n2: i32, n3: i32, inner: i32,
  a0: i32, a1: i32, a2: i32, a3: i32, aInner: i32, b0: i32, b1: i32, b2: i32, b3: i32, bInner: i32, begin: i32, end: i32,
): void {
  broadcast(Binary.Subtract, a, b, y, n1, n2, n3, inner, a0, a1, a2, a3, aInner, b0, b1, b2, b3, bInner, begin, end);
}

/**
 * y = a · b, one shape.
 * @units size
 * @cost 2
 */
export function multiply(a: Floats, b: Floats, y: FloatsOut, begin: i32, end: i32): void {
  same(Binary.Multiply, a, b, y, begin, end);
}

/**
 * y = a · b, broadcast.
 * @units n0 * n1 * n2 * n3 * ceilDivide(inner, PIECE)
 * @cost 2 * min(inner, PIECE)
 */
export function multiplyBroadcast(
  a: Floats, b: Floats, y: FloatsOut, n1: i32, n2: i32, n3: i32, inner: i32,
  a0: i32, a1: i32, a2: i32, a3: i32, aInner: i32, b0: i32, b1: i32, b2: i32, b3: i32, bInner: i32, begin: i32, end: i32,
): void {
  broadcast(Binary.Multiply, a, b, y, n1, n2, n3, inner, a0, a1, a2, a3, aInner, b0, b1, b2, b3, bInner, begin, end);
}

/**
 * y = a / b, one shape.
 * @units size
 * @cost 2
 */
export function divide(a: Floats, b: Floats, y: FloatsOut, begin: i32, end: i32): void {
  same(Binary.Divide, a, b, y, begin, end);
}

/**
 * y = a / b, broadcast.
 * @units n0 * n1 * n2 * n3 * ceilDivide(inner, PIECE)
 * @cost 2 * min(inner, PIECE)
 */
export function divideBroadcast(
  a: Floats, b: Floats, y: FloatsOut, n1: i32, n2: i32, n3: i32, inner: i32,
  a0: i32, a1: i32, a2: i32, a3: i32, aInner: i32, b0: i32, b1: i32, b2: i32, b3: i32, bInner: i32, begin: i32, end: i32,
): void {
  broadcast(Binary.Divide, a, b, y, n1, n2, n3, inner, a0, a1, a2, a3, aInner, b0, b1, b2, b3, bInner, begin, end);
}

/**
 * y = max(a, b), one shape.
 * @units size
 * @cost 2
 */
export function maximum(a: Floats, b: Floats, y: FloatsOut, begin: i32, end: i32): void {
  same(Binary.Maximum, a, b, y, begin, end);
}

/**
 * y = max(a, b), broadcast.
 * @units n0 * n1 * n2 * n3 * ceilDivide(inner, PIECE)
 * @cost 2 * min(inner, PIECE)
 */
export function maximumBroadcast(
  a: Floats, b: Floats, y: FloatsOut, n1: i32, n2: i32, n3: i32, inner: i32,
  a0: i32, a1: i32, a2: i32, a3: i32, aInner: i32, b0: i32, b1: i32, b2: i32, b3: i32, bInner: i32, begin: i32, end: i32,
): void {
  broadcast(Binary.Maximum, a, b, y, n1, n2, n3, inner, a0, a1, a2, a3, aInner, b0, b1, b2, b3, bInner, begin, end);
}

/**
 * y = min(a, b), one shape.
 * @units size
 * @cost 2
 */
export function minimum(a: Floats, b: Floats, y: FloatsOut, begin: i32, end: i32): void {
  same(Binary.Minimum, a, b, y, begin, end);
}

/**
 * y = min(a, b), broadcast.
 * @units n0 * n1 * n2 * n3 * ceilDivide(inner, PIECE)
 * @cost 2 * min(inner, PIECE)
 */
export function minimumBroadcast(
  a: Floats, b: Floats, y: FloatsOut, n1: i32, n2: i32, n3: i32, inner: i32,
  a0: i32, a1: i32, a2: i32, a3: i32, aInner: i32, b0: i32, b1: i32, b2: i32, b3: i32, bInner: i32, begin: i32, end: i32,
): void {
  broadcast(Binary.Minimum, a, b, y, n1, n2, n3, inner, a0, a1, a2, a3, aInner, b0, b1, b2, b3, bInner, begin, end);
}

const HALF = memory.data<f32>([0.5]);

// @ts-ignore: decorator
@inline
function sharedLanes(a: v128, b: v128, dy: v128): v128 {
  const half = f32x4.mul(dy, v128.load_splat<f32>(HALF));
  return v128.andnot(v128.bitselect(half, dy, f32x4.eq(a, b)), f32x4.lt(a, b));
}

/**
 * da = dy where a > b, ½dy where a = b, 0 where a < b; db the other way round (torch's convention; NaN passes dy to both).
 * Of minimum: exchange a with b, and keep da and db. One shape; da or db may be dy.
 * @units size
 * @cost 4
 */
export function maximumBackward(a: Floats, b: Floats, dy: Floats, da: FloatsOut, db: FloatsOut, begin: i32, end: i32): void {
  for (let i = begin; i < end; i += 4) {
    const lanes = min(4, end - i);
    const o = <usize>i << 2;
    const va = loadTail(a + o, lanes, 0);
    const vb = loadTail(b + o, lanes, 0);
    const v = loadTail(dy + o, lanes, 0);
    storeTail(da + o, sharedLanes(va, vb, v), lanes);
    storeTail(db + o, sharedLanes(vb, va, v), lanes);
  }
}

/**
 * y = scale·x + shift; y may be x.
 * @units size
 * @cost 2
 */
export function scaleAndShift(x: Floats, y: FloatsOut, scale: f32, shift: f32, begin: i32, end: i32): void {
  const a = f32x4.splat(scale);
  const b = f32x4.splat(shift);
  let i = <usize>begin << 2;
  const body = i + (<usize>((end - begin) & ~3) << 2);
  const rest = (end - begin) & 3;
  for (; i < body; i += 16) v128.store(y + i, madd(v128.load(x + i), a, b));
  if (rest) storeTail(y + i, madd(loadTail(x + i, rest, 0), a, b), rest);
}

/**
 * y += x
 * @units size
 * @cost 2
 */
export function accumulate(x: Floats, y: FloatsOut, begin: i32, end: i32): void {
  add(x, y, y, begin, end);
}
