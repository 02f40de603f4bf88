/**
 * Batch normalisation of x (N, C, S) per channel, S = H·W or 1 (Ioffe & Szegedy 2015), biased variance:
 *
 *   x̂ = (x - μ_c)/√(σ²_c + ε),  y = w_c·x̂ + b_c
 *   training: μ, σ² from batchNormStatistics; inference: from running averages
 *   dw = Σ dy·x̂,  db = Σ dy
 *   training: dx = w·ρ(dy - db/M - x̂·dw/M), M = N·S, ρ = 1/√(σ² + ε); inference: dx = w·ρ·dy
 *
 * Sums are kept in f64. weight, bias, dw and db are optional. y may be x, and dx may be dy. Tails: missing lanes are
 * the mean, or 0, and add nothing.
 */
import { Floats, FloatsOut, OptionalFloats, OptionalFloatsOut } from "./parts/operands";
import { loadTail, storeTail } from "./simd/lanes";
import { rowSum, sumWide, wideHigh, wideLow } from "./simd/wide";

/**
 * mean and variance (C) of x (batch, C, size). Units: channels.
 * @units channels
 * @cost 2 * batch * size
 */
export function batchNormStatistics(
  x: Floats, mean: FloatsOut, variance: FloatsOut, batch: i32, channels: i32, size: i32, begin: i32, end: i32,
): void {
  const count = <f64>batch * <f64>size;
  for (let channel = begin; channel < end; channel++) {
    let total: f64 = 0;
    for (let n = 0; n < batch; n++) total += rowSum(x + (<usize>((n * channels + channel) * size) << 2), size);
    const mu = <f32>(total / count);
    const m = f32x4.splat(mu);
    let low = f64x2.splat(0);
    let high = low;
    for (let n = 0; n < batch; n++) {
      const plane = x + (<usize>((n * channels + channel) * size) << 2);
      for (let i = 0; i < size; i += 4) {
        const d = f32x4.sub(loadTail(plane + (<usize>i << 2), min(4, size - i), mu), m);
        const square = f32x4.mul(d, d);
        low = f64x2.add(low, wideLow(square));
        high = f64x2.add(high, wideHigh(square));
      }
    }
    store<f32>(mean + (<usize>channel << 2), mu);
    store<f32>(variance + (<usize>channel << 2), <f32>(sumWide(f64x2.add(low, high)) / count));
  }
}

/**
 * y from x and each channel's mean and variance. Units: planes (n, c).
 * @units batch * channels
 * @cost 3 * size
 */
export function batchNorm(
  x: Floats, mean: Floats, variance: Floats, weight: OptionalFloats, bias: OptionalFloats, y: FloatsOut, channels: i32, size: i32, epsilon: f32,
  begin: i32, end: i32,
): void {
  for (let plane = begin; plane < end; plane++) {
    const c = <usize>(plane % channels) << 2;
    const rstd: f32 = 1 / sqrt(load<f32>(variance + c) + epsilon);
    const m = v128.load_splat<f32>(mean + c);
    const w = f32x4.splat(weight ? load<f32>(weight + c) * rstd : rstd);
    const b = f32x4.splat(bias ? load<f32>(bias + c) : 0);
    const first = <usize>(plane * size) << 2;
    for (let i = 0; i < size; i += 4) {
      const lanes = min(4, size - i);
      const o = first + (<usize>i << 2);
      storeTail(y + o, f32x4.add(f32x4.mul(f32x4.sub(loadTail(x + o, lanes, 0), m), w), b), lanes);
    }
  }
}

// @ts-ignore: decorator
@inline
function backward(
  training: bool, x: usize, mean: usize, variance: usize, weight: usize, dy: usize, dx: usize, dw: usize, db: usize,
  batch: i32, channels: i32, size: i32, epsilon: f32, begin: i32, end: i32,
): void {
  const count = <f64>batch * <f64>size;
  for (let channel = begin; channel < end; channel++) {
    const c = <usize>channel << 2;
    const mu = load<f32>(mean + c);
    const m = f32x4.splat(mu);
    const rstd: f32 = 1 / sqrt(load<f32>(variance + c) + epsilon);
    let low = f64x2.splat(0);
    let high = low;
    let sumG: f64 = 0;
    for (let n = 0; n < batch; n++) {
      const first = <usize>((n * channels + channel) * size) << 2;
      sumG += rowSum(dy + first, size);
      for (let i = 0; i < size; i += 4) {
        const lanes = min(4, size - i);
        const o = first + (<usize>i << 2);
        const product = f32x4.mul(loadTail(dy + o, lanes, 0), f32x4.sub(loadTail(x + o, lanes, mu), m));
        low = f64x2.add(low, wideLow(product));
        high = f64x2.add(high, wideHigh(product));
      }
    }
    const sumGX = sumWide(f64x2.add(low, high)); // Σ dy·(x - μ)
    if (dw) store<f32>(dw + c, <f32>(sumGX * <f64>rstd));
    if (db) store<f32>(db + c, <f32>sumG);
    const meanG = f32x4.splat(<f32>(sumG / count));
    const meanGX = f32x4.splat(<f32>(sumGX / count * <f64>rstd * <f64>rstd));
    const scale = f32x4.splat(weight ? load<f32>(weight + c) * rstd : rstd);
    for (let n = 0; n < batch; n++) {
      const first = <usize>((n * channels + channel) * size) << 2;
      for (let i = 0; i < size; i += 4) {
        const lanes = min(4, size - i);
        const o = first + (<usize>i << 2);
        let g = loadTail(dy + o, lanes, 0);
        if (training) {
          const centred = f32x4.sub(loadTail(x + o, lanes, 0), m);
          g = f32x4.sub(f32x4.sub(g, meanG), f32x4.mul(centred, meanGX));
        }
        storeTail(dx + o, f32x4.mul(scale, g), lanes);
      }
    }
  }
}

/**
 * dx, dw and db where mean and variance came from this batch. Units: channels.
 * @units channels
 * @cost 6 * batch * size
 */
export function batchNormBackward(
  x: Floats, mean: Floats, variance: Floats, weight: OptionalFloats, dy: Floats, dx: FloatsOut, dw: OptionalFloatsOut, db: OptionalFloatsOut,
  batch: i32, channels: i32, size: i32, epsilon: f32, begin: i32, end: i32,
): void {
  backward(true, x, mean, variance, weight, dy, dx, dw, db, batch, channels, size, epsilon, begin, end);
}

/**
 * dx, dw and db where mean and variance are constants. Units: channels.
 * @units channels
 * @cost 6 * batch * size
 */
export function batchNormInferenceBackward(
  x: Floats, mean: Floats, variance: Floats, weight: OptionalFloats, dy: Floats, dx: FloatsOut, dw: OptionalFloatsOut, db: OptionalFloatsOut,
  batch: i32, channels: i32, size: i32, epsilon: f32, begin: i32, end: i32,
): void {
  backward(false, x, mean, variance, weight, dy, dx, dw, db, batch, channels, size, epsilon, begin, end);
}
