/**
 * y = a ∘ b for two operands: the loops of arithmetic.ts and comparison.ts.
 *
 * Of one shape, the operands are one long row. The broadcast form sees y as rows of `inner` neighbours in four outer axes (n₀, n₁, n₂, n₃)
 * and takes each operand's strides in elements: 0 repeats it along an axis, and inner strides are 0 or 1 (not both 0 unless inner is 1).
 * The caller merges neighbouring axes where it can, and each row is worked on in pieces, so that a single long one, as against one element, is
 * work for every thread. y may be an operand of its own shape. Tails run through the same lanes as the body.
 */
import { ceilDivide } from "./matmul-tile";
import { loadTail, storeTail } from "../simd/lanes";

export const enum Binary {
  Add,
  Subtract,
  Multiply,
  Divide,
  Maximum,
  Minimum,
  Greater,
  GreaterEqual,
  Equal,
}

const ONE = memory.data<f32>([1]);

/** 1 where the mask's lane is all ones, else 0. */
// @ts-ignore: decorator
@inline
function truth(mask: v128): v128 {
  return v128.and(mask, v128.load_splat<f32>(ONE));
}

// @ts-ignore: decorator
@inline
function combine(op: Binary, a: v128, b: v128): v128 {
  if (op == Binary.Add) return f32x4.add(a, b);
  if (op == Binary.Subtract) return f32x4.sub(a, b);
  if (op == Binary.Multiply) return f32x4.mul(a, b);
  if (op == Binary.Divide) return f32x4.div(a, b);
  if (op == Binary.Maximum) return f32x4.max(a, b);
  if (op == Binary.Minimum) return f32x4.min(a, b);
  if (op == Binary.Greater) return truth(f32x4.gt(a, b));
  if (op == Binary.GreaterEqual) return truth(f32x4.ge(a, b));
  return truth(f32x4.eq(a, b));
}

// @ts-ignore: decorator
@inline
function combineRow(op: Binary, a: usize, b: usize, y: usize, count: i32, aInner: i32, bInner: i32): void {
  const body = y + (<usize>(count & ~3) << 2);
  const rest = count & 3;
  const one = v128.load_splat<u32>(bInner ? a : b);
  if (aInner & bInner) {
    for (; y < body; a += 16, b += 16, y += 16) v128.store(y, combine(op, v128.load(a), v128.load(b)));
    if (rest) storeTail(y, combine(op, loadTail(a, rest, 0), loadTail(b, rest, 0)), rest);
  } else if (bInner) {
    for (; y < body; b += 16, y += 16) v128.store(y, combine(op, one, v128.load(b)));
    if (rest) storeTail(y, combine(op, one, loadTail(b, rest, 0)), rest);
  } else {
    for (; y < body; a += 16, y += 16) v128.store(y, combine(op, v128.load(a), one));
    if (rest) storeTail(y, combine(op, loadTail(a, rest, 0), one), rest);
  }
}

function row(op: Binary, a: usize, b: usize, y: usize, count: i32, aInner: i32, bInner: i32): void {
  if (op == Binary.Add) combineRow(Binary.Add, a, b, y, count, aInner, bInner);
  else if (op == Binary.Subtract) combineRow(Binary.Subtract, a, b, y, count, aInner, bInner);
  else if (op == Binary.Multiply) combineRow(Binary.Multiply, a, b, y, count, aInner, bInner);
  else if (op == Binary.Divide) combineRow(Binary.Divide, a, b, y, count, aInner, bInner);
  else if (op == Binary.Maximum) combineRow(Binary.Maximum, a, b, y, count, aInner, bInner);
  else if (op == Binary.Minimum) combineRow(Binary.Minimum, a, b, y, count, aInner, bInner);
  else if (op == Binary.Greater) combineRow(Binary.Greater, a, b, y, count, aInner, bInner);
  else if (op == Binary.GreaterEqual) combineRow(Binary.GreaterEqual, a, b, y, count, aInner, bInner);
  else combineRow(Binary.Equal, a, b, y, count, aInner, bInner);
}

/** One shape: one long row. */
export function same(op: Binary, a: usize, b: usize, y: usize, begin: i32, end: i32): void {
  const first = <usize>begin << 2;
  row(op, a + first, b + first, y + first, end - begin, 1, 1);
}

/** Elements in a piece of a row. */
export const PIECE: i32 = 4096;

/** y as n₀·n₁·n₂·n₃ rows of `inner`. Units: pieces of rows. */
export function broadcast(
  op: Binary, a: usize, b: usize, y: usize, n1: i32, n2: i32, n3: i32, inner: i32,
  a0: i32, a1: i32, a2: i32, a3: i32, aInner: i32, b0: i32, b1: i32, b2: i32, b3: i32, bInner: i32, begin: i32, end: i32,
): void {
  const pieces = ceilDivide(inner, PIECE);
  for (let unit = begin; unit < end; unit++) {
    const yRow = unit / pieces;
    const first = (unit - yRow * pieces) * PIECE;
    const i3 = yRow % n3;
    let outer = yRow / n3;
    const i2 = outer % n2;
    outer /= n2;
    const i1 = outer % n1;
    const i0 = outer / n1;
    const aFirst = a + (<usize>(i0 * a0 + i1 * a1 + i2 * a2 + i3 * a3 + first * aInner) << 2);
    const bFirst = b + (<usize>(i0 * b0 + i1 * b1 + i2 * b2 + i3 * b3 + first * bInner) << 2);
    row(op, aFirst, bFirst, y + (<usize>(yRow * inner + first) << 2), min(PIECE, inner - first), aInner, bInner);
  }
}
