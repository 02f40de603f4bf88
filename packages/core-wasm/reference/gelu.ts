/** Specification of assembly/gelu.ts. */
import { generate, type Numbers } from "./numbers.ts";

/** erf x = 2/√π e^(-x²) Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1)); no term is negative, nothing cancels. */
export function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; n < 150; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** x·f, and 0 at -∞, where f falls faster than x. */
export const gate = (x: number, f: number): number => (x === -Infinity ? 0 : x * f);

/** The derivative of such a function, and its limits. */
export const slope = (x: number, derivative: number): number => (Math.abs(x) === Infinity ? Number(x > 0) : derivative);

export function gelu(x: Numbers): Float64Array {
  return generate(x.length, (i) => gate(x[i]!, 0.5 * (1 + erf(x[i]! / Math.SQRT2))));
}

export function geluBackward(x: Numbers, dy: Numbers): Float64Array {
  return generate(x.length, (i) => {
    const v = x[i]!;
    const density = Math.exp(-0.5 * v * v) / Math.sqrt(2 * Math.PI);
    return dy[i]! * slope(v, 0.5 * (1 + erf(v / Math.SQRT2)) + v * density);
  });
}

export function geluTanh(x: Numbers): Float64Array {
  return generate(x.length, (i) => {
    const v = x[i]!;
    return gate(v, 0.5 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3))));
  });
}

export function geluTanhBackward(x: Numbers, dy: Numbers): Float64Array {
  return generate(x.length, (i) => {
    const v = x[i]!;
    const t = Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3));
    const inner = Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * v * v);
    return dy[i]! * slope(v, 0.5 * (1 + t) + 0.5 * v * (1 - t * t) * inner);
  });
}

export function quickGelu(x: Numbers): Float64Array {
  return generate(x.length, (i) => gate(x[i]!, sigmoid(1.702 * x[i]!)));
}

export function quickGeluBackward(x: Numbers, dy: Numbers): Float64Array {
  return generate(x.length, (i) => {
    const s = sigmoid(1.702 * x[i]!);
    return dy[i]! * slope(x[i]!, s + 1.702 * x[i]! * s * (1 - s));
  });
}
