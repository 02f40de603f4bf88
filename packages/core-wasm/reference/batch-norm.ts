/** Specification of assembly/batch-norm.ts; x is (N, channels, size). */
import { generate, type Numbers, total } from "./numbers.ts";

/** The place in x of the k-th of the N·size elements of a channel. */
const place = (k: number, channel: number, channels: number, size: number): number =>
  (Math.floor(k / size) * channels + channel) * size + (k % size);

export function batchNormStatistics(x: Numbers, channels: number, size: number): { mean: Float64Array; variance: Float64Array } {
  const count = x.length / channels;
  const mean = generate(channels, (c) => total(count, (k) => x[place(k, c, channels, size)]!) / count);
  const variance = generate(channels, (c) => total(count, (k) => (x[place(k, c, channels, size)]! - mean[c]!) ** 2) / count);
  return { mean, variance };
}

export function batchNorm(
  x: Numbers,
  mean: Numbers,
  variance: Numbers,
  weight: Numbers | null,
  bias: Numbers | null,
  channels: number,
  size: number,
  epsilon: number,
): Float64Array {
  return generate(x.length, (i) => {
    const c = Math.floor(i / size) % channels;
    return ((x[i]! - mean[c]!) / Math.sqrt(variance[c]! + epsilon)) * (weight?.[c] ?? 1) + (bias?.[c] ?? 0);
  });
}

/** Where mean and variance came from this batch. */
export function batchNormBackward(
  x: Numbers,
  mean: Numbers,
  variance: Numbers,
  weight: Numbers | null,
  dy: Numbers,
  channels: number,
  size: number,
  epsilon: number,
): { dx: Float64Array; dw: Float64Array; db: Float64Array } {
  const count = x.length / channels;
  const { dw, db } = batchNormInferenceBackward(x, mean, variance, weight, dy, channels, size, epsilon);
  const dx = generate(x.length, (i) => {
    const c = Math.floor(i / size) % channels;
    const rstd = 1 / Math.sqrt(variance[c]! + epsilon);
    const normal = (x[i]! - mean[c]!) * rstd;
    return (weight?.[c] ?? 1) * rstd * (dy[i]! - db[c]! / count - (normal * dw[c]!) / count);
  });
  return { dx, dw, db };
}

/** Where mean and variance are constants. */
export function batchNormInferenceBackward(
  x: Numbers,
  mean: Numbers,
  variance: Numbers,
  weight: Numbers | null,
  dy: Numbers,
  channels: number,
  size: number,
  epsilon: number,
): { dx: Float64Array; dw: Float64Array; db: Float64Array } {
  const count = x.length / channels;
  const rstd = generate(channels, (c) => 1 / Math.sqrt(variance[c]! + epsilon));
  const dx = generate(x.length, (i) => {
    const c = Math.floor(i / size) % channels;
    return dy[i]! * rstd[c]! * (weight?.[c] ?? 1);
  });
  const dw = generate(channels, (c) =>
    total(count, (k) => {
      const i = place(k, c, channels, size);
      return dy[i]! * (x[i]! - mean[c]!) * rstd[c]!;
    }),
  );
  const db = generate(channels, (c) => total(count, (k) => dy[place(k, c, channels, size)]!));
  return { dx, dw, db };
}
