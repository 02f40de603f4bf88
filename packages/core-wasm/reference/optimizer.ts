/** Specification of assembly/optimizer.ts: PyTorch's AdamW and SGD, one step. */
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

export function sgd(
  parameter: Numbers,
  gradient: Numbers,
  velocity: Numbers,
  rate: number,
  momentum: number,
  weightDecay: number,
): { parameter: Float64Array; velocity: Float64Array } {
  const next = generate(velocity.length, (i) => momentum * velocity[i]! + gradient[i]! + weightDecay * parameter[i]!);
  return { parameter: generate(parameter.length, (i) => parameter[i]! - rate * next[i]!), velocity: next };
}

export function sgdNesterov(
  parameter: Numbers,
  gradient: Numbers,
  velocity: Numbers,
  rate: number,
  momentum: number,
  weightDecay: number,
): { parameter: Float64Array; velocity: Float64Array } {
  const { velocity: next } = sgd(parameter, gradient, velocity, rate, momentum, weightDecay);
  const stepped = generate(parameter.length, (i) => {
    return parameter[i]! - rate * (gradient[i]! + weightDecay * parameter[i]! + momentum * next[i]!);
  });
  return { parameter: stepped, velocity: next };
}
