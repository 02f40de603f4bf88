/** Specification of assembly/sgd.ts: PyTorch's SGD with momentum, one step. */
import { generate, type Numbers } from "./numbers.ts";

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
