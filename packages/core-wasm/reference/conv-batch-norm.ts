/** Specification of assembly/conv-batch-norm.ts. */
import { generate, type Numbers } from "./numbers.ts";

/** kernel (channels, k) → (channels, k + 1) */
export function foldBatchNorm(
  kernel: Numbers,
  mean: Numbers,
  variance: Numbers,
  weight: Numbers,
  bias: Numbers,
  k: number,
  epsilon: number,
): Float64Array {
  return generate(mean.length * (k + 1), (i) => {
    const [c, tap] = [Math.floor(i / (k + 1)), i % (k + 1)];
    const scale = weight[c]! / Math.sqrt(variance[c]! + epsilon);
    return tap < k ? kernel[c * k + tap]! * scale : bias[c]! - mean[c]! * scale;
  });
}
