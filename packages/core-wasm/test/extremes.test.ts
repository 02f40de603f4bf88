/** Every kernel against its float64 reference where a third of the numbers are NaN, ±∞, ±0 or denormal, in both builds. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Core } from "../src/index.ts";
import { Bench, type Draw, type Given, type Output } from "./bench.ts";
import { kernels } from "./kernels.table.ts";

const extremes = [Number.NaN, Infinity, -Infinity, 0, -0, 4, -4, 1e-40, -1e-40];

/** A bench that draws extremes among its numbers, and expects NaN where the reference has it and nowhere else. */
class ExtremeBench extends Bench {
  override numbers(length: number, draw: Draw = "any"): Given {
    const drawn = draw === "positive" ? extremes.filter((value) => !(value < 0 || Object.is(value, -0))) : extremes;
    const plain = super.numbers(length, draw).values;
    return this.given(plain.map((value) => (this.next() < 0.3 ? (drawn[Math.floor(this.next() * drawn.length)] ?? 0) : value)));
  }

  override expect(output: Output, expected: ArrayLike<number>, tolerance = 4e-6): void {
    const actual = this.read(output);
    expect(actual.length, "length").toBe(expected.length);
    const wanted = Float32Array.from(expected);
    const scale = wanted.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 1);
    const wrong = [...actual.entries()].filter(([i, found]) => {
      const want = wanted[i] ?? 0;
      return !(Object.is(found, want) || found === want || Math.abs(found - want) <= tolerance * scale);
    });
    expect(wrong.map(([i, found]) => ({ i, found, wanted: wanted[i] }))).toEqual([]);
  }
}

/** Kernels whose reference says something else on purpose about what isn't a number. */
const excepted: Readonly<Record<string, string>> = {
  adamW: "a mean that is infinite moves as PyTorch's lerp does, ∞ + (g − ∞) · (1 − β₁), where the reference mixes ∞ and g",
  attentionBackward: "keys that a query may not see are never looked at, where the reference multiplies them by 0",
  ...Object.fromEntries(
    ["fft", "fourierMixRows", "fourierMixColumns"].map((name) => [
      name,
      "two rows are transformed as one and sums are shared, so one number that is none spoils others too, which the reference sums apart",
    ]),
  ),
  ...Object.fromEntries(
    Object.keys(kernels)
      .filter((name) => name.startsWith("interpolate"))
      .map((name) => [name, "only the points under the filter are looked at, where the reference multiplies all others by 0"]),
  ),
};

describe.for(["plain", "relaxed"] as const)("%s", (simd) => {
  let core: Core;
  beforeAll(async () => {
    core = await Core.create({ threads: 1, simd, tile: "4x8" });
  });
  afterAll(() => core[Symbol.dispose]());

  const cases = Object.entries(kernels).filter(([name]) => !Object.hasOwn(excepted, name));
  test.for(cases)("%s", ([, run]) => {
    for (const size of [1, 5, 17, 64]) {
      using bench = new ExtremeBench(core);
      run(bench, size);
    }
  });
});
