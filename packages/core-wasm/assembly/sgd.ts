/**
 * Gradient descent with momentum in place, in PyTorch's form: g ← g + λp; v ← μv + g; p ← p - rate·v. A zero v is the first step's.
 * Units: elements. Tails run through the same lanes as the body.
 */
import { Floats, FloatsOut, OptionalFloatsOut } from "./parts/operands";
import { loadTail, storeTail } from "./simd/lanes";

/**
 * parameter and velocity are updated; without velocity it is plain gradient descent.
 * @units size
 * @cost 8
 */
export function sgd(
  parameter: FloatsOut, gradient: Floats, velocity: OptionalFloatsOut, rate: f32, momentum: f32, weightDecay: f32, begin: i32, end: i32,
): void {
  const step = f32x4.splat(rate);
  const mu = f32x4.splat(momentum);
  const decay = f32x4.splat(weightDecay);
  for (let i = begin; i < end; i += 4) {
    const lanes = min(4, end - i);
    const o = <usize>i << 2;
    const p = loadTail(parameter + o, lanes, 0);
    let direction = f32x4.add(loadTail(gradient + o, lanes, 0), f32x4.mul(decay, p));
    if (velocity) {
      direction = f32x4.add(f32x4.mul(mu, loadTail(velocity + o, lanes, 0)), direction);
      storeTail(velocity + o, direction, lanes);
    }
    storeTail(parameter + o, f32x4.sub(p, f32x4.mul(step, direction)), lanes);
  }
}
