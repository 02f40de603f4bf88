/**
 * y = a ∘ b for two operands: add, subtract, multiply, divide, maximum, minimum (the last two propagate NaN).
 *
 * Of one shape, the operands are one long row. The Broadcast forms see y as rows of `inner` neighbours in up to four outer axes
 * (n₀, n₁, n₂, n₃, the first length isn't needed) and take each operand's strides in elements: 0 repeats it along an axis, and
 * inner strides are 0 or 1 (not both 0 unless inner is 1). The caller merges neighbouring axes where it can.
 * y may be an operand of its own shape. Tails run through the same lanes as the body.
 */
import { loadTail, storeTail } from "./simd/lanes";

const ADD: i32 = 0;
const SUBTRACT: i32 = 1;
const MULTIPLY: i32 = 2;
const DIVIDE: i32 = 3;
const MAXIMUM: i32 = 4;
const MINIMUM: i32 = 5;

// @ts-ignore: decorator
@inline
function combine(op: i32, a: v128, b: v128): v128 {
  if (op == ADD) return f32x4.add(a, b);
  if (op == SUBTRACT) return f32x4.sub(a, b);
  if (op == MULTIPLY) return f32x4.mul(a, b);
  if (op == DIVIDE) return f32x4.div(a, b);
  if (op == MAXIMUM) return f32x4.max(a, b);
  return f32x4.min(a, b);
}

// @ts-ignore: decorator
@inline
function combineRow(op: i32, a: usize, b: usize, y: usize, count: i32, aInner: i32, bInner: i32): void {
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

function row(op: i32, a: usize, b: usize, y: usize, count: i32, aInner: i32, bInner: i32): void {
  if (op == ADD) combineRow(ADD, a, b, y, count, aInner, bInner);
  else if (op == SUBTRACT) combineRow(SUBTRACT, a, b, y, count, aInner, bInner);
  else if (op == MULTIPLY) combineRow(MULTIPLY, a, b, y, count, aInner, bInner);
  else if (op == DIVIDE) combineRow(DIVIDE, a, b, y, count, aInner, bInner);
  else if (op == MAXIMUM) combineRow(MAXIMUM, a, b, y, count, aInner, bInner);
  else combineRow(MINIMUM, a, b, y, count, aInner, bInner);
}

function same(op: i32, a: usize, b: usize, y: usize, begin: i32, end: i32): void {
  const first = <usize>begin << 2;
  row(op, a + first, b + first, y + first, end - begin, 1, 1);
}

function broadcast(
  op: i32, a: usize, b: usize, y: usize, n1: i32, n2: i32, n3: i32, inner: i32,
  a0: i32, a1: i32, a2: i32, a3: i32, aInner: i32, b0: i32, b1: i32, b2: i32, b3: i32, bInner: i32, begin: i32, end: i32,
): void {
  for (let unit = begin; unit < end; unit++) {
    const i3 = unit % n3;
    let outer = unit / n3;
    const i2 = outer % n2;
    outer /= n2;
    const i1 = outer % n1;
    const i0 = outer / n1;
    const aFirst = a + (<usize>(i0 * a0 + i1 * a1 + i2 * a2 + i3 * a3) << 2);
    const bFirst = b + (<usize>(i0 * b0 + i1 * b1 + i2 * b2 + i3 * b3) << 2);
    row(op, aFirst, bFirst, y + (<usize>(unit * inner) << 2), inner, aInner, bInner);
  }
}

/** y = a + b, one shape. Units: elements. */
export function add(a: usize, b: usize, y: usize, begin: i32, end: i32): void {
  same(ADD, a, b, y, begin, end);
}

/** y = a + b, broadcast. Units: rows of `inner`. */
export function addBroadcast(
  a: usize, b: usize, y: usize, n1: i32, n2: i32, n3: i32, inner: i32,
  a0: i32, a1: i32, a2: i32, a3: i32, aInner: i32, b0: i32, b1: i32, b2: i32, b3: i32, bInner: i32, begin: i32, end: i32,
): void {
  broadcast(ADD, a, b, y, n1, n2, n3, inner, a0, a1, a2, a3, aInner, b0, b1, b2, b3, bInner, begin, end);
}

/** y = a - b, one shape. Units: elements. */
export function subtract(a: usize, b: usize, y: usize, begin: i32, end: i32): void {
  same(SUBTRACT, a, b, y, begin, end);
}

/** y = a - b, broadcast. Units: rows of `inner`. */
export function subtractBroadcast(
  a: usize, b: usize, y: usize, n1: i32, n2: i32, n3: i32, inner: i32,
  a0: i32, a1: i32, a2: i32, a3: i32, aInner: i32, b0: i32, b1: i32, b2: i32, b3: i32, bInner: i32, begin: i32, end: i32,
): void {
  broadcast(SUBTRACT, a, b, y, n1, n2, n3, inner, a0, a1, a2, a3, aInner, b0, b1, b2, b3, bInner, begin, end);
}

/** y = a · b, one shape. Units: elements. */
export function multiply(a: usize, b: usize, y: usize, begin: i32, end: i32): void {
  same(MULTIPLY, a, b, y, begin, end);
}

/** y = a · b, broadcast. Units: rows of `inner`. */
export function multiplyBroadcast(
  a: usize, b: usize, y: usize, n1: i32, n2: i32, n3: i32, inner: i32,
  a0: i32, a1: i32, a2: i32, a3: i32, aInner: i32, b0: i32, b1: i32, b2: i32, b3: i32, bInner: i32, begin: i32, end: i32,
): void {
  broadcast(MULTIPLY, a, b, y, n1, n2, n3, inner, a0, a1, a2, a3, aInner, b0, b1, b2, b3, bInner, begin, end);
}

/** y = a / b, one shape. Units: elements. */
export function divide(a: usize, b: usize, y: usize, begin: i32, end: i32): void {
  same(DIVIDE, a, b, y, begin, end);
}

/** y = a / b, broadcast. Units: rows of `inner`. */
export function divideBroadcast(
  a: usize, b: usize, y: usize, n1: i32, n2: i32, n3: i32, inner: i32,
  a0: i32, a1: i32, a2: i32, a3: i32, aInner: i32, b0: i32, b1: i32, b2: i32, b3: i32, bInner: i32, begin: i32, end: i32,
): void {
  broadcast(DIVIDE, a, b, y, n1, n2, n3, inner, a0, a1, a2, a3, aInner, b0, b1, b2, b3, bInner, begin, end);
}

/** y = max(a, b), one shape. Units: elements. */
export function maximum(a: usize, b: usize, y: usize, begin: i32, end: i32): void {
  same(MAXIMUM, a, b, y, begin, end);
}

/** y = max(a, b), broadcast. Units: rows of `inner`. */
export function maximumBroadcast(
  a: usize, b: usize, y: usize, n1: i32, n2: i32, n3: i32, inner: i32,
  a0: i32, a1: i32, a2: i32, a3: i32, aInner: i32, b0: i32, b1: i32, b2: i32, b3: i32, bInner: i32, begin: i32, end: i32,
): void {
  broadcast(MAXIMUM, a, b, y, n1, n2, n3, inner, a0, a1, a2, a3, aInner, b0, b1, b2, b3, bInner, begin, end);
}

/** y = min(a, b), one shape. Units: elements. */
export function minimum(a: usize, b: usize, y: usize, begin: i32, end: i32): void {
  same(MINIMUM, a, b, y, begin, end);
}

/** y = min(a, b), broadcast. Units: rows of `inner`. */
export function minimumBroadcast(
  a: usize, b: usize, y: usize, n1: i32, n2: i32, n3: i32, inner: i32,
  a0: i32, a1: i32, a2: i32, a3: i32, aInner: i32, b0: i32, b1: i32, b2: i32, b3: i32, bInner: i32, begin: i32, end: i32,
): void {
  broadcast(MINIMUM, a, b, y, n1, n2, n3, inner, a0, a1, a2, a3, aInner, b0, b1, b2, b3, bInner, begin, end);
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
 * Of minimum: exchange a with b, and keep da and db. One shape; da or db may be dy. Units: elements.
 */
export function maximumBackward(a: usize, b: usize, dy: usize, da: usize, db: usize, begin: i32, end: i32): void {
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
