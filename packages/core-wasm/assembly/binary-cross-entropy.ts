/**
 * Binary cross-entropy of logits x with targets t in [0, 1], elementwise, in the form that can't overflow:
 * y = max(x, 0) - x·t + ln(1 + e^-|x|), dx = dy(σ(x) - t).
 *
 * Composed from elementwise ops its gradient at 0 would be wrong, so it has a kernel; the squared, absolute and smooth absolute
 * losses have none. Units: elements. dx may be dy. Tails run through the same lanes as the body.
 */
import { Floats, FloatsOut } from "./parts/operands";
import { loadTail, storeTail } from "./simd/lanes";
import { sigmoid, softCorner } from "./simd/math";

/**
 * Units: elements.
 * @units size
 * @cost 32
 */
export function binaryCrossEntropy(x: Floats, targets: Floats, y: FloatsOut, begin: i32, end: i32): void {
  for (let i = begin; i < end; i += 4) {
    const lanes = min(4, end - i);
    const o = <usize>i << 2;
    const v = loadTail(x + o, lanes, 0);
    const t = loadTail(targets + o, lanes, 0);
    storeTail(y + o, f32x4.add(f32x4.sub(f32x4.max(v, f32x4.splat(0)), f32x4.mul(v, t)), softCorner(v)), lanes);
  }
}

/**
 * Units: elements.
 * @units size
 * @cost 32
 */
export function binaryCrossEntropyBackward(
  x: Floats, targets: Floats, dy: Floats, dx: FloatsOut, begin: i32, end: i32,
): void {
  for (let i = begin; i < end; i += 4) {
    const lanes = min(4, end - i);
    const o = <usize>i << 2;
    const slope = f32x4.sub(sigmoid(loadTail(x + o, lanes, 0)), loadTail(targets + o, lanes, 0));
    storeTail(dx + o, f32x4.mul(loadTail(dy + o, lanes, 0), slope), lanes);
  }
}
