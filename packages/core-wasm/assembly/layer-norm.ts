/**
 * Layer normalisation over the last axis of x (rows, columns) (Ba, Kiros & Hinton 2016), biased variance, ε inside the root:
 *
 *   x̂ = (x - μ)·ρ,  ρ = 1/√(σ² + ε),  y = w·x̂ + b
 *   dx = ρ(g - mean g - x̂·mean(g·x̂)),  g = w·dy          dw = Σ_rows dy·x̂,  db = Σ_rows dy
 *
 * μ is summed in f64 and σ² from x - μ, so that a constant row gives exactly 0 and ε = 1e-12 counts for what it is.
 * Pointers named optional may be 0. y may be x, and dx may be dy. Tails: missing lanes add nothing to any sum.
 */
import { loadTail, storeTail, sumLanes } from "./simd/lanes";
import { madd } from "./simd/madd";
import { rowSum, sumWide, wideHigh, wideLow } from "./simd/wide";

/** Σ (x - μ)² of a row. */
function squaredDeviations(x: usize, mean: f32, columns: i32): f32 {
  const m = f32x4.splat(mean);
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let i = 0;
  for (; i + 8 <= columns; i += 8, x += 32) {
    const d0 = f32x4.sub(v128.load(x), m);
    const d1 = f32x4.sub(v128.load(x, 16), m);
    s0 = madd(d0, d0, s0);
    s1 = madd(d1, d1, s1);
  }
  for (; i < columns; i += 4, x += 16) {
    const d = f32x4.sub(loadTail(x, min(4, columns - i), mean), m);
    s0 = madd(d, d, s0);
  }
  return sumLanes(f32x4.add(s0, s1));
}

/** weight, bias (columns), mean and deviation (rows; deviation is ρ) are optional. Units: rows. */
export function layerNorm(
  x: usize, weight: usize, bias: usize, y: usize, mean: usize, rstd: usize, columns: i32, epsilon: f32, begin: i32, end: i32,
): void {
  for (let row = begin; row < end; row++) {
    const source = x + (<usize>(row * columns) << 2);
    const target = y + (<usize>(row * columns) << 2);
    const mu = <f32>(rowSum(source, columns) / <f64>columns);
    const rho: f32 = 1 / sqrt(squaredDeviations(source, mu, columns) / <f32>columns + epsilon);
    if (mean) store<f32>(mean + (<usize>row << 2), mu);
    if (rstd) store<f32>(rstd + (<usize>row << 2), rho);
    const m = f32x4.splat(mu);
    const r = f32x4.splat(rho);
    for (let i = 0; i < columns; i += 4) {
      const lanes = min(4, columns - i);
      const o = <usize>i << 2;
      let value = f32x4.mul(f32x4.sub(loadTail(source + o, lanes, 0), m), r);
      if (weight) value = f32x4.mul(value, loadTail(weight + o, lanes, 0));
      if (bias) value = f32x4.add(value, loadTail(bias + o, lanes, 0));
      storeTail(target + o, value, lanes);
    }
  }
}
