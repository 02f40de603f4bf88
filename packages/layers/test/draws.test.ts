/** Numbers one at a time: their distributions, and powers that need no engine's own. */
import { beforeAll, expect, test } from "vitest";
import { init, Rng } from "../src/index.ts";
import { Draws } from "../src/ops/elementwise/draws.ts";
import { plainExp, plainLog } from "../src/ops/elementwise/plain-powers.ts";

beforeAll(() => init({ threads: 1 }));

test("logarithms and exponentials are right within 2⁻⁵⁰", () => {
  for (let i = -700; i <= 700; i++) {
    const x = i * 0.987654321;
    if (Math.abs(x) < 700) expect(Math.abs(plainExp(x) / Math.exp(x) - 1), `exp ${x}`).toBeLessThan(2 ** -42); // x itself has less
    const y = Math.exp(x / 2);
    expect(Math.abs(plainLog(y) - Math.log(y)), `log ${y}`).toBeLessThanOrEqual(2 ** -50 * Math.max(1, Math.abs(Math.log(y))));
  }
  expect([plainLog(1), plainExp(0), plainLog(0), plainExp(-Infinity), plainExp(-800), plainExp(800)]).toEqual([
    0,
    1,
    -Infinity,
    0,
    0,
    Infinity,
  ]);
});

test("beta: a mean of a half, and the variance of Beta(α, α); logarithms of ratios are uniform", () => {
  const draws = new Draws(new Rng(1));
  for (const alpha of [0.2, 0.8, 1, 2]) {
    const values = Array.from({ length: 4000 }, () => draws.beta(alpha));
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(mean).toBeCloseTo(0.5, 1);
    expect(variance / (1 / (4 * (2 * alpha + 1)))).toBeCloseTo(1, 1);
    expect(values.every((value) => value >= 0 && value <= 1)).toBe(true);
  }
  const ratios = Array.from({ length: 2000 }, () => draws.betweenRatios(3 / 4, 4 / 3));
  expect(ratios.filter((ratio) => ratio < 1).length / 2000).toBeCloseTo(0.5, 1);
  expect(ratios.every((ratio) => ratio > 0.7499 && ratio < 1.3334)).toBe(true);
});
