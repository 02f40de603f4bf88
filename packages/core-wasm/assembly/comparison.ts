/**
 * Comparisons of two operands, 1 where they hold and 0 where they don't (with NaN none holds), and the choice between two operands by such a
 * result. binary.ts has the loops, and says what the Broadcast forms take. Units: elements, or pieces of rows.
 */
import { Binary, broadcast, PIECE, same } from "./parts/binary";
import { Floats, FloatsOut } from "./parts/operands";
import { loadTail, storeTail } from "./simd/lanes";

/**
 * y = 1 where a > b, else 0, one shape.
 * @units size
 * @cost 2
 */
export function greater(a: Floats, b: Floats, y: FloatsOut, begin: i32, end: i32): void {
  same(Binary.Greater, a, b, y, begin, end);
}

/**
 * y = 1 where a > b, else 0, broadcast.
 * @units n0 * n1 * n2 * n3 * ceilDivide(inner, PIECE)
 * @cost 2 * min(inner, PIECE)
 */
export function greaterBroadcast(
  a: Floats, b: Floats, y: FloatsOut, n1: i32, n2: i32, n3: i32, inner: i32,
  a0: i32, a1: i32, a2: i32, a3: i32, aInner: i32, b0: i32, b1: i32, b2: i32, b3: i32, bInner: i32, begin: i32, end: i32,
): void {
  broadcast(Binary.Greater, a, b, y, n1, n2, n3, inner, a0, a1, a2, a3, aInner, b0, b1, b2, b3, bInner, begin, end);
}

/**
 * y = 1 where a ≥ b, else 0, one shape.
 * @units size
 * @cost 2
 */
export function greaterEqual(a: Floats, b: Floats, y: FloatsOut, begin: i32, end: i32): void {
  same(Binary.GreaterEqual, a, b, y, begin, end);
}

/**
 * y = 1 where a ≥ b, else 0, broadcast.
 * @units n0 * n1 * n2 * n3 * ceilDivide(inner, PIECE)
 * @cost 2 * min(inner, PIECE)
 */
export function greaterEqualBroadcast(
  a: Floats, b: Floats, y: FloatsOut, n1: i32, n2: i32, n3: i32, inner: i32,
  a0: i32, a1: i32, a2: i32, a3: i32, aInner: i32, b0: i32, b1: i32, b2: i32, b3: i32, bInner: i32, begin: i32, end: i32,
): void {
  broadcast(Binary.GreaterEqual, a, b, y, n1, n2, n3, inner, a0, a1, a2, a3, aInner, b0, b1, b2, b3, bInner, begin, end);
}

/**
 * y = 1 where a = b, else 0, one shape.
 * @units size
 * @cost 2
 */
export function equal(a: Floats, b: Floats, y: FloatsOut, begin: i32, end: i32): void {
  same(Binary.Equal, a, b, y, begin, end);
}

/**
 * y = 1 where a = b, else 0, broadcast.
 * @units n0 * n1 * n2 * n3 * ceilDivide(inner, PIECE)
 * @cost 2 * min(inner, PIECE)
 */
export function equalBroadcast(
  a: Floats, b: Floats, y: FloatsOut, n1: i32, n2: i32, n3: i32, inner: i32,
  a0: i32, a1: i32, a2: i32, a3: i32, aInner: i32, b0: i32, b1: i32, b2: i32, b3: i32, bInner: i32, begin: i32, end: i32,
): void {
  broadcast(Binary.Equal, a, b, y, n1, n2, n3, inner, a0, a1, a2, a3, aInner, b0, b1, b2, b3, bInner, begin, end);
}

/**
 * y = a where the condition isn't 0 (NaN isn't), else b: one shape; y may be any of them.
 * @units size
 * @cost 2
 */
export function where(condition: Floats, a: Floats, b: Floats, y: FloatsOut, begin: i32, end: i32): void {
  for (let i = begin; i < end; i += 4) {
    const lanes = min(4, end - i);
    const o = <usize>i << 2;
    const chosen = f32x4.ne(loadTail(condition + o, lanes, 0), f32x4.splat(0));
    storeTail(y + o, v128.bitselect(loadTail(a + o, lanes, 0), loadTail(b + o, lanes, 0), chosen), lanes);
  }
}
