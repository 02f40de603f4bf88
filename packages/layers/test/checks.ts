import { afterEach, beforeEach, expect } from "vitest";
import { liveBytes } from "../src/index.ts";

/** Every test of the file must free what it makes. */
export function checkForLeaks(): void {
  let before = 0;
  beforeEach(() => {
    before = liveBytes();
  });
  afterEach(() => expect(liveBytes() - before, "bytes left behind").toBe(0));
}

/** Every number within `tolerance` of the expected one, relative to 1 or to the largest expected magnitude if that is larger. NaN equals nothing. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string, tolerance = 1e-5): void {
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
