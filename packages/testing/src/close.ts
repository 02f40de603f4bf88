import { expect } from "vitest";

/** Every number within `tolerance` of the expected one, relative to 1 or to the largest expected magnitude if that is larger. NaN equals nothing. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, what = "values", tolerance = 1e-5): void {
  expect(actual.length, `${what}: length`).toBe(expected.length);
  let worst = 0;
  let scale = 1;
  for (let i = 0; i < expected.length; i++) {
    const [found = Number.NaN, wanted = Number.NaN] = [actual[i], expected[i]];
    const difference = found === wanted ? 0 : Math.abs(found - wanted);
    if (!(difference <= worst)) worst = difference;
    if (Number.isFinite(wanted)) scale = Math.max(scale, Math.abs(wanted));
  }
  expect(worst / scale, `${what}: largest difference`).toBeLessThanOrEqual(tolerance);
}

/** The cosine of the angle between two lists of numbers. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const dot = (x: ArrayLike<number>, y: ArrayLike<number>): number =>
    Array.from(x, (value, i) => value * (y[i] ?? Number.NaN)).reduce((s, v) => s + v, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
