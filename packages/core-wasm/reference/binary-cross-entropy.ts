/** Specification of assembly/binary-cross-entropy.ts. */
import { generate, type Numbers } from "./numbers.ts";

export function binaryCrossEntropy(x: Numbers, targets: Numbers): Float64Array {
  return generate(x.length, (i) => Math.max(x[i]!, 0) - x[i]! * targets[i]! + Math.log1p(Math.exp(-Math.abs(x[i]!))));
}

export function binaryCrossEntropyBackward(x: Numbers, targets: Numbers, dy: Numbers): Float64Array {
  return generate(x.length, (i) => dy[i]! * (1 / (1 + Math.exp(-x[i]!)) - targets[i]!));
}
