/**
 * Optimiser steps in place, in PyTorch's form. Units: elements. Tails run through the same lanes as the body.
 *
 * - adamW (Loshchilov & Hutter 2019): p ← p(1 - λ·rate); m ← m + (g - m)(1 - β₁); v ← β₂v + (1 - β₂)g²;
 *   p ← p - rate/(1 - β₁ᵗ) · m / (√v/√(1 - β₂ᵗ) + ε). The caller passes 1 - β, whose f32 is exact enough where that of β isn't,
 *   and the corrections 1 - βᵗ. With λ = 0 it is Adam.
 * - sgd: g ← g + λp; v ← μv + g; p ← p - rate·v, or with Nesterov's p ← p - rate(g + μv). A zero v is the first step's.
 */
import { loadTail, storeTail } from "./simd/lanes";

/** parameter, m and v are updated; mix1 = 1 - β₁, mix2 = 1 - β₂, correction1 = 1 - β₁ᵗ, correction2 = 1 - β₂ᵗ. */
export function adamW(
  parameter: usize, gradient: usize, m: usize, v: usize, rate: f32, mix1: f32, mix2: f32, epsilon: f32, weightDecay: f32,
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

// @ts-ignore: decorator
@inline
function descend(
  nesterov: bool, parameter: usize, gradient: usize, velocity: usize, rate: f32, momentum: f32, weightDecay: f32,
  begin: i32, end: i32,
): void {
  const step = f32x4.splat(rate);
  const mu = f32x4.splat(momentum);
  const decay = f32x4.splat(weightDecay);
  for (let i = begin; i < end; i += 4) {
    const lanes = min(4, end - i);
    const o = <usize>i << 2;
    const p = loadTail(parameter + o, lanes, 0);
    const g = f32x4.add(loadTail(gradient + o, lanes, 0), f32x4.mul(decay, p));
    let direction = g;
    if (velocity) {
      const v = f32x4.add(f32x4.mul(mu, loadTail(velocity + o, lanes, 0)), g);
      storeTail(velocity + o, v, lanes);
      direction = nesterov ? f32x4.add(g, f32x4.mul(mu, v)) : v;
    }
    storeTail(parameter + o, f32x4.sub(p, f32x4.mul(step, direction)), lanes);
  }
}

/** parameter and velocity are updated; velocity 0 (no pointer) is plain gradient descent. */
export function sgd(
  parameter: usize, gradient: usize, velocity: usize, rate: f32, momentum: f32, weightDecay: f32, begin: i32, end: i32,
): void {
  descend(false, parameter, gradient, velocity, rate, momentum, weightDecay, begin, end);
}

/** sgd with Nesterov's look-ahead; velocity is needed. */
export function sgdNesterov(
  parameter: usize, gradient: usize, velocity: usize, rate: f32, momentum: f32, weightDecay: f32, begin: i32, end: i32,
): void {
  descend(true, parameter, gradient, velocity, rate, momentum, weightDecay, begin, end);
}
