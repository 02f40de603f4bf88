/**
 * AdamW (Loshchilov & Hutter 2019) in place, in PyTorch's form: p ← p(1 - λ·rate); m ← m + (g - m)(1 - β₁); v ← β₂v + (1 - β₂)g²;
 * p ← p - rate/(1 - β₁ᵗ) · m / (√v/√(1 - β₂ᵗ) + ε). The caller passes 1 - β, whose f32 is exact enough where that of β isn't, and the
 * corrections 1 - βᵗ. With λ = 0 it is Adam. Units: elements. Tails run through the same lanes as the body.
 */
import { Floats, FloatsOut } from "./parts/operands";
import { loadTail, storeTail } from "./simd/lanes";

/**
 * parameter, m and v are updated; mix1 = 1 - β₁, mix2 = 1 - β₂, correction1 = 1 - β₁ᵗ, correction2 = 1 - β₂ᵗ.
 * @units size
 * @cost 16
 */
export function adamW(
  parameter: FloatsOut, gradient: Floats, m: FloatsOut, v: FloatsOut, rate: f32, mix1: f32, mix2: f32, epsilon: f32, weightDecay: f32,
  correction1: f32, correction2: f32, begin: i32, end: i32,
): void {
  const keep = f32x4.splat(1 - rate * weightDecay);
  const mixM = f32x4.splat(mix1);
  const mixV = f32x4.splat(mix2);
  const keepV = f32x4.splat(1 - mix2);
  const step = f32x4.splat(rate / correction1);
  const scale = f32x4.splat(1 / sqrt(correction2));
  const floor = f32x4.splat(epsilon);
  for (let i = begin; i < end; i += 4) {
    const lanes = min(4, end - i);
    const o = <usize>i << 2;
    const g = loadTail(gradient + o, lanes, 0);
    const p = loadTail(parameter + o, lanes, 0);
    let mean = loadTail(m + o, lanes, 0);
    mean = f32x4.add(mean, f32x4.mul(f32x4.sub(g, mean), mixM));
    const power = f32x4.add(f32x4.mul(loadTail(v + o, lanes, 0), keepV), f32x4.mul(f32x4.mul(g, g), mixV));
    const root = f32x4.add(f32x4.mul(f32x4.sqrt(power), scale), floor);
    storeTail(m + o, mean, lanes);
    storeTail(v + o, power, lanes);
    storeTail(parameter + o, f32x4.sub(f32x4.mul(p, keep), f32x4.mul(step, f32x4.div(mean, root))), lanes);
  }
}
