/** Specification of assembly/activation.ts. */
import { gate, slope } from "./gelu.ts";
import { generate, type Numbers } from "./numbers.ts";

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

export function relu(x: Numbers): Float64Array {
  return generate(x.length, (i) => Math.max(x[i]!, 0));
}

export function reluBackward(x: Numbers, dy: Numbers): Float64Array {
  return generate(x.length, (i) => (x[i]! <= 0 ? 0 : dy[i]!));
}

export function tanh(x: Numbers): Float64Array {
  return generate(x.length, (i) => Math.tanh(x[i]!));
}

export function tanhBackward(y: Numbers, dy: Numbers): Float64Array {
  return generate(y.length, (i) => dy[i]! * (1 - y[i]! ** 2));
}

export function sigmoid(x: Numbers): Float64Array {
  return generate(x.length, (i) => logistic(x[i]!));
}

export function sigmoidBackward(y: Numbers, dy: Numbers): Float64Array {
  return generate(y.length, (i) => dy[i]! * y[i]! * (1 - y[i]!));
}

export function silu(x: Numbers): Float64Array {
  return generate(x.length, (i) => gate(x[i]!, logistic(x[i]!)));
}

export function siluBackward(x: Numbers, dy: Numbers): Float64Array {
  return generate(x.length, (i) => {
    const s = logistic(x[i]!);
    return dy[i]! * slope(x[i]!, s * (1 + x[i]! * (1 - s)));
  });
}
