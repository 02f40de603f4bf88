/** Specification of assembly/arithmetic.ts. */
import { type Binary, combine } from "./binary.ts";
import { generate, type Numbers } from "./numbers.ts";

export const add: Binary = combine((a, b) => a + b);
export const subtract: Binary = combine((a, b) => a - b);
export const multiply: Binary = combine((a, b) => a * b);
export const divide: Binary = combine((a, b) => a / b);
export const maximum: Binary = combine((a, b) => Math.max(a, b));
export const minimum: Binary = combine((a, b) => Math.min(a, b));

/** The gradients of max(a, b); ties share. */
export function maximumBackward(a: Numbers, b: Numbers, dy: Numbers): { da: Float64Array; db: Float64Array } {
  const share = (x: number, other: number, d: number): number => (x < other ? 0 : x === other ? d / 2 : d);
  return {
    da: generate(a.length, (i) => share(a[i]!, b[i]!, dy[i]!)),
    db: generate(a.length, (i) => share(b[i]!, a[i]!, dy[i]!)),
  };
}

export function scaleAndShift(x: Numbers, scale: number, shift: number): Float64Array {
  return generate(x.length, (i) => scale * x[i]! + shift);
}

/** y + x */
export function accumulate(x: Numbers, y: Numbers): Float64Array {
  return generate(x.length, (i) => y[i]! + x[i]!);
}
