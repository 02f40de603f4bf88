/** Specification of assembly/adamw.ts: PyTorch's AdamW, one step. */
import { generate, type Numbers } from "./numbers.ts";

/** step counts from 1. */
export function adamW(
  parameter: Numbers,
  gradient: Numbers,
  m: Numbers,
  v: Numbers,
  {
    rate,
    beta1,
    beta2,
    epsilon,
    weightDecay,
    step,
  }: {
    rate: number;
    beta1: number;
    beta2: number;
    epsilon: number;
    weightDecay: number;
    step: number;
  },
): { parameter: Float64Array; m: Float64Array; v: Float64Array } {
  const nextM = generate(m.length, (i) => beta1 * m[i]! + (1 - beta1) * gradient[i]!);
  const nextV = generate(v.length, (i) => beta2 * v[i]! + (1 - beta2) * gradient[i]! ** 2);
  const next = generate(parameter.length, (i) => {
    const mHat = nextM[i]! / (1 - beta1 ** step);
    const vHat = nextV[i]! / (1 - beta2 ** step);
    return parameter[i]! * (1 - rate * weightDecay) - (rate * mHat) / (Math.sqrt(vHat) + epsilon);
  });
  return { parameter: next, m: nextM, v: nextV };
}
