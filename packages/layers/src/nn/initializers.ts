/** What parameters begin with. Those that a checkpoint is about to fill are passed over. */
import type { Rng } from "../random.ts";
import { Parameter } from "../tensor/parameter.ts";
import { lastOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { drawNormal, drawTruncatedNormal, drawUniform } from "../ops/elementwise/random.ts";

export function fillZeros(target: Tensor): void {
  if (!isAwaited(target)) target.data.fill(0);
}

export function fillOnes(target: Tensor): void {
  if (!isAwaited(target)) target.data.fill(1);
}

/** N(0, standardDeviation²): BERT's recipe with 0.02. */
export function fillNormal(target: Tensor, rng: Rng, standardDeviation: number): void {
  if (!isAwaited(target)) drawNormal(target, rng, 0, standardDeviation);
}

/** N(0, standardDeviation²) cut off at ±2, as timm and HF do it (the cut-off is absolute, not in deviations): ViT's recipe with 0.02. */
export function fillTruncatedNormal(target: Tensor, rng: Rng, standardDeviation: number): void {
  if (!isAwaited(target)) drawTruncatedNormal(target, rng, 0, standardDeviation, -2, 2);
}

/** U(−a, a) with a = √(6 / (fanIn + fanOut)). Glorot & Bengio 2010, eq. 16. For a matrix (out, in). */
export function fillXavierUniform(target: Tensor, rng: Rng): void {
  const fanIn = lastOf(target.shape);
  const bound = Math.sqrt(6 / (fanIn + target.size / fanIn));
  if (!isAwaited(target)) drawUniform(target, rng, -bound, bound);
}

const isAwaited = (target: Tensor): boolean => target instanceof Parameter && target.awaited;
