/** Specification of assembly/cross-entropy.ts; logits are (rows, classes). */
import { generate, greatest, type Numbers, total } from "./numbers.ts";

export function crossEntropy(
  logits: Numbers,
  labels: Numbers,
  classes: number,
  ignoreIndex: number,
  smoothing: number,
): { loss: Float64Array; logSumExp: Float64Array } {
  const logSumExp = generate(labels.length, (r) => {
    const m = greatest(classes, (c) => logits[r * classes + c]!);
    return m + Math.log(total(classes, (c) => Math.exp(logits[r * classes + c]! - m)));
  });
  const loss = generate(labels.length, (r) => {
    if (labels[r] === ignoreIndex) return 0;
    const negative = logSumExp[r]! - logits[r * classes + labels[r]!]!;
    if (smoothing === 0) return negative;
    const spread = logSumExp[r]! - total(classes, (c) => logits[r * classes + c]!) / classes;
    return (1 - smoothing) * negative + smoothing * spread;
  });
  return { loss, logSumExp };
}

export function crossEntropyBackward(
  logits: Numbers,
  labels: Numbers,
  logSumExp: Numbers,
  dloss: Numbers,
  classes: number,
  ignoreIndex: number,
  smoothing: number,
): Float64Array {
  return generate(logits.length, (i) => {
    const r = Math.floor(i / classes);
    if (labels[r] === ignoreIndex) return 0;
    const target = labels[r] === i % classes ? 1 - smoothing : 0;
    return dloss[r]! * (Math.exp(logits[i]! - logSumExp[r]!) - target - smoothing / classes);
  });
}
