/**
 * Binary cross-entropy of logits x with targets t in [0, 1], elementwise, in the form that can't overflow:
 * y = max(x, 0) - x·t + ln(1 + e^-|x|), dx = dy(σ(x) - t).
 *
 * Composed from elementwise ops its gradient at 0 would be wrong, so it has a kernel; the squared, absolute and smooth absolute
 * losses have none. Units: elements. dx may be dy. Tails run through the same lanes as the body.
 */
import { loadTail, storeTail } from "./simd/lanes";
import { expNegative, log, sigmoid } from "./simd/math";

const ONE = memory.data<f32>([1]);

/** Units: elements. */
export function binaryCrossEntropy(x: usize, targets: usize, y: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i += 4) {
    const lanes = min(4, end - i);
    const o = <usize>i << 2;
    const v = loadTail(x + o, lanes, 0);
    const t = loadTail(targets + o, lanes, 0);
    const soft = log(f32x4.add(v128.load_splat<f32>(ONE), expNegative(f32x4.neg(f32x4.abs(v)))));
    storeTail(y + o, f32x4.add(f32x4.sub(f32x4.max(v, f32x4.splat(0)), f32x4.mul(v, t)), soft), lanes);
  }
}

/** Units: elements. */
export function binaryCrossEntropyBackward(
  x: usize, targets: usize, dy: usize, dx: usize, begin: i32, end: i32,
): void {
  for (let i = begin; i < end; i += 4) {
    const lanes = min(4, end - i);
    const o = <usize>i << 2;
    const slope = f32x4.sub(sigmoid(loadTail(x + o, lanes, 0)), loadTail(targets + o, lanes, 0));
    storeTail(dx + o, f32x4.mul(loadTail(dy + o, lanes, 0), slope), lanes);
  }
}
