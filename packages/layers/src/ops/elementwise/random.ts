import { kernels } from "../../tensor/engine.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Rng } from "../../random.ts";

// Each draw is a stream of its own: element i depends on (seed, stream, i) only.

/** Overwrites target with uniform numbers in [low, high). */
export function drawUniform(target: Tensor, rng: Rng, low = 0, high = 1): void {
  kernels().uniform({ y: target, ...drawOf(target, rng) });
  if (low !== 0 || high !== 1) kernels().scaleAndShift({ x: target, y: target, scale: high - low, shift: low, size: target.size });
}

/** Overwrites target with numbers from N(mean, standardDeviation²). */
export function drawNormal(target: Tensor, rng: Rng, mean = 0, standardDeviation = 1): void {
  kernels().normal({ y: target, mean, deviation: standardDeviation, ...drawOf(target, rng) });
}

/** Overwrites target with numbers from N(mean, standardDeviation²) conditioned on [low, high]. */
export function drawTruncatedNormal(target: Tensor, rng: Rng, mean: number, standardDeviation: number, low: number, high: number): void {
  kernels().truncatedNormal({ y: target, mean, deviation: standardDeviation, low, high, ...drawOf(target, rng) });
}

const drawOf = ({ size }: Tensor, rng: Rng): { readonly size: number; readonly seed: number; readonly stream: number } => ({
  size,
  seed: rng.seed,
  stream: rng.nextStream(),
});
