/**
 * Sine and cosine rounded correctly, so that the filters' weights are the C library's and the same on every engine (`Math.sin` is neither): Taylor's
 * series in fixed point with 128 fractional bits. For |x| below about 10.
 */
const BITS = 128n;
const SCALE = 2 ** 100;

export const exactSine = (x: number): number => (Math.abs(x) < 1e-8 ? x : series(x, 1n));
export const exactCosine = (x: number): number => series(x, 0n);

/** Σ (−1)^k x^(2k + first) / (2k + first)! */
function series(x: number, first: 0n | 1n): number {
  const fixed = BigInt(Math.round(x * SCALE)) << (BITS - 100n);
  const square = (fixed * fixed) >> BITS;
  let term = first === 1n ? fixed : 1n << BITS;
  let sum = 0n;
  for (let n = first; term !== 0n && term !== -1n; n += 2n) {
    sum += term;
    term = -((term * square) >> BITS) / ((n + 1n) * (n + 2n));
  }
  return Number(sum) / 2 ** 128;
}
