/** Any array of numbers. */
export type Numbers = ArrayLike<number>;

/** (f(0), …, f(length - 1)) */
export function generate(length: number, f: (index: number) => number): Float64Array {
  const y = new Float64Array(length);
  for (let i = 0; i < length; i++) y[i] = f(i);
  return y;
}

/** Σ f(i) for i from 0 to count - 1. */
export function total(count: number, f: (index: number) => number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += f(i);
  return sum;
}

/** The greatest f(i) for i from 0 to count - 1; NaN if one is NaN, -∞ of none. */
export function greatest(count: number, f: (index: number) => number): number {
  let best = -Infinity;
  for (let i = 0; i < count; i++) best = Math.max(best, f(i));
  return best;
}
