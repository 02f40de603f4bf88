/** Specification of assembly/comparison.ts. */
import { type Binary, combine } from "./binary.ts";
import { generate, type Numbers } from "./numbers.ts";

export const greater: Binary = combine((a, b) => Number(a > b));
export const greaterEqual: Binary = combine((a, b) => Number(a >= b));
export const equal: Binary = combine((a, b) => Number(a === b));

export function where(condition: Numbers, a: Numbers, b: Numbers): Float64Array {
  return generate(a.length, (i) => (condition[i] === 0 ? b[i]! : a[i]!));
}
