/**
 * Logarithms and exponentials from +, −, · and / alone, which have the same bits on every engine; `Math.log` and `Math.exp` may be off in the last place.
 * Within 2⁻⁵⁰ of the true value, relative.
 */

/** ln x, for x > 0: of the mantissa by the series of the inverse hyperbolic tangent. */
export function plainLog(x: number): number {
  if (x === 0) return -Infinity;
  let [mantissa, exponent] = [x, 0];
  for (; mantissa > Math.SQRT2; mantissa /= 2) exponent++;
  for (; mantissa < Math.SQRT1_2; mantissa *= 2) exponent--;
  const ratio = (mantissa - 1) / (mantissa + 1);
  const square = ratio * ratio;
  let sum = 0;
  for (let odd = 41; odd > 0; odd -= 2) sum = sum * square + 1 / odd;
  return 2 * ratio * sum + exponent * Math.LN2;
}

/** eˣ: of what is left of x beside multiples of ln 2 by its own series. */
export function plainExp(x: number): number {
  const exponent = Math.round(x / Math.LN2);
  if (exponent < -1080) return 0;
  if (exponent > 1024) return Infinity;
  const rest = x - exponent * Math.LN2;
  let sum = 1;
  for (let n = 20; n > 0; n--) sum = 1 + (sum * rest) / n;
  for (let e = 0; e < exponent; e++) sum *= 2;
  for (let e = 0; e > exponent; e--) sum /= 2;
  return sum;
}
