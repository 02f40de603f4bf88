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
