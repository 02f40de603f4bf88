import type { Learned, Scores } from "./objective.ts";

/** exp of the mean loss, each batch counting by its weight. */
export function perplexity<Batch>(weightOf: (batch: Batch) => number): Scores<Batch, Learned> {
  let [sum, weight] = [0, 0];
  return {
    add({ loss }, batch) {
      sum += weightOf(batch) * loss.item();
      weight += weightOf(batch);
    },
    result: () => ({ perplexity: Math.exp(sum / Math.max(weight, 1)) }),
  };
}
