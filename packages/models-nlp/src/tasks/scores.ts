/** Numbers from logits, in plain arrays: a row at a time, for the few rows that a task looks at. */

import { checkOutputs } from "@x/layers/model";

export function softmaxOf(logits: ArrayLike<number>): Float64Array {
  const scores = Float64Array.from(logits);
  const highest = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  let sum = 0;
  for (let i = 0; i < scores.length; i++) sum += scores[i] = Math.exp((scores[i] ?? 0) - highest);
  return scores.map((score) => score / sum);
}

export const sigmoidOf = (logits: ArrayLike<number>): Float64Array => Float64Array.from(logits, (logit) => 1 / (1 + Math.exp(-logit)));

/** Indices of the `count` highest, highest first; of equals the first. */
export function topIndices(scores: ArrayLike<number>, count: number): number[] {
  const best: number[] = [];
  const score = (i: number): number => scores[i] ?? 0;
  for (let i = 0; i < scores.length; i++) {
    if (best.length === count && score(i) <= score(best[count - 1] ?? 0)) continue;
    let place = best.length;
    while (place > 0 && score(best[place - 1] ?? 0) < score(i)) place--;
    best.splice(place, 0, i);
    if (best.length > count) best.pop();
  }
  return best;
}

/** The last axis's row of a tensor's data. @throws TensorError where one is NaN */
export const rowOf = (data: Float32Array, row: number, width: number): Float32Array =>
  checkOutputs(data.subarray(row * width, (row + 1) * width));
