/**
 * softmax and log-softmax over the last axis of (rows, columns), with their gradients:
 *
 *   y = e^(x - m)/Σe^(x - m), m = max x          dx = y(dy - Σ y·dy)
 *   y = x - m - ln Σe^(x - m)                    dx = dy - e^y Σ dy
 *
 * A row of nothing but -∞ gives zeros (-∞ for log-softmax), so that a fully masked row is harmless. NaN fills its row.
 * Sums are kept in f64. y may be x, and dx may be dy. Units: rows. Tails: missing lanes are -∞ (values) or 0 (gradients).
 */
import { Floats, FloatsOut } from "./parts/operands";
import { loadTail, storeTail } from "./simd/lanes";
import { expNegative, log } from "./simd/math";
import { rowMax } from "./simd/rows";
import { rowDot, rowSum, rowSumExp, sumWide, wideHigh, wideLow } from "./simd/wide";

/**
 * Units: rows.
 * @units rows
 * @cost 8 * columns
 */
export function softmax(x: Floats, y: FloatsOut, columns: i32, begin: i32, end: i32): void {
  const stride = <usize>columns << 2;
  const rest = columns & 3;
  for (let row = begin; row < end; row++) {
    let source = x + <usize>row * stride;
    const first = y + <usize>row * stride;
    const body = first + stride - (<usize>rest << 2);
    const highest = rowMax(source, columns);
    if (highest == -Infinity) {
      memory.fill(first, 0, stride);
      continue;
    }
    const m = f32x4.splat(highest);
    let low = f64x2.splat(0);
    let high = low;
    let target = first;
    for (; target < body; target += 16, source += 16) {
      const e = expNegative(f32x4.sub(v128.load(source), m));
      low = f64x2.add(low, wideLow(e));
      high = f64x2.add(high, wideHigh(e));
      v128.store(target, e);
    }
    if (rest) {
      const e = expNegative(f32x4.sub(loadTail(source, rest, -Infinity), m));
      low = f64x2.add(low, wideLow(e));
      high = f64x2.add(high, wideHigh(e));
      storeTail(target, e, rest);
    }
    const scale = f32x4.splat(<f32>(1 / sumWide(f64x2.add(low, high))));
    for (target = first; target < body; target += 16) v128.store(target, f32x4.mul(v128.load(target), scale));
    if (rest) storeTail(target, f32x4.mul(loadTail(target, rest, 0), scale), rest);
  }
}

/**
 * y is softmax's output. Units: rows.
 * @units rows
 * @cost 2 * columns
 */
export function softmaxBackward(y: Floats, dy: Floats, dx: FloatsOut, columns: i32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const first = <usize>(row * columns) << 2;
    const dot = f32x4.splat(<f32>rowDot(y + first, dy + first, columns));
    const body = first + (<usize>(columns & ~3) << 2);
    const rest = columns & 3;
    let o = first;
    for (; o < body; o += 16) {
      v128.store(dx + o, f32x4.mul(v128.load(y + o), f32x4.sub(v128.load(dy + o), dot)));
    }
    if (rest) storeTail(dx + o, f32x4.mul(loadTail(y + o, rest, 0), f32x4.sub(loadTail(dy + o, rest, 0), dot)), rest);
  }
}

/**
 * Units: rows.
 * @units rows
 * @cost 8 * columns
 */
export function logSoftmax(x: Floats, y: FloatsOut, columns: i32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const first = <usize>(row * columns) << 2;
    const highest = rowMax(x + first, columns);
    // Of nothing but -∞, any finite maximum leaves -∞.
    const m = f32x4.splat(highest == -Infinity ? 0 : highest);
    const shift = highest == -Infinity ? m : log(f32x4.splat(<f32>rowSumExp(x + first, highest, columns)));
    for (let i = 0; i < columns; i += 4) {
      const lanes = min(4, columns - i);
      const o = first + (<usize>i << 2);
      storeTail(y + o, f32x4.sub(f32x4.sub(loadTail(x + o, lanes, 0), m), shift), lanes);
    }
  }
}

/**
 * y is logSoftmax's output. Units: rows.
 * @units rows
 * @cost 8 * columns
 */
export function logSoftmaxBackward(y: Floats, dy: Floats, dx: FloatsOut, columns: i32, begin: i32, end: i32): void {
  for (let row = begin; row < end; row++) {
    const first = <usize>(row * columns) << 2;
    const total = f32x4.splat(<f32>rowSum(dy + first, columns));
    for (let i = 0; i < columns; i += 4) {
      const lanes = min(4, columns - i);
      const o = first + (<usize>i << 2);
      const share = f32x4.mul(expNegative(loadTail(y + o, lanes, 0)), total);
      storeTail(dx + o, f32x4.sub(loadTail(dy + o, lanes, 0), share), lanes);
    }
  }
}
