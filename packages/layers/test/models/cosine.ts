/** Of two lists of numbers, the cosine of the angle between them. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const dot = (x: ArrayLike<number>, y: ArrayLike<number>): number =>
    Array.from(x, (value, i) => value * (y[i] ?? Number.NaN)).reduce((s, v) => s + v, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
