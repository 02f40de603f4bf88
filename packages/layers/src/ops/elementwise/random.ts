import { engine } from "../../tensor/engine.ts";
import { Parameter } from "../../tensor/parameter.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Rng } from "../../random.ts";

// Each draw is a stream of its own: element i depends on (seed, stream, i) only.

/** Overwrites target with uniform numbers in [low, high). */
export function drawUniform(target: Tensor, rng: Rng, low = 0, high = 1): void {
  engine().launch("uniform", target.size, 16, writable(target), rng.seed, rng.nextStream());
  if (low !== 0 || high !== 1) engine().launch("scaleAndShift", target.size, 2, target.pointer, target.pointer, high - low, low);
}

/** Overwrites target with numbers from N(mean, standardDeviation²). */
export function drawNormal(target: Tensor, rng: Rng, mean = 0, standardDeviation = 1): void {
  engine().launch("normal", target.size, 64, writable(target), mean, standardDeviation, rng.seed, rng.nextStream());
}

/** Overwrites target with numbers from N(mean, standardDeviation²) conditioned on [low, high]. */
export function drawTruncatedNormal(target: Tensor, rng: Rng, mean: number, standardDeviation: number, low: number, high: number): void {
  engine().launch("truncatedNormal", target.size, 64, writable(target), mean, standardDeviation, low, high, rng.seed, rng.nextStream());
}

/** Where target's elements are to be written. */
function writable(target: Tensor): number {
  if (target instanceof Parameter) target.touch();
  return target.pointer;
}
