import { expect, test } from "vitest";
import type { Contender } from "../src/case.ts";
import { interleave, quantile, timing } from "../src/measure.ts";
import { resultOf } from "../src/report/rows.ts";
import { roofline } from "../src/roofline.ts";

test("quantiles lie between neighbours", () => {
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
  expect(quantile([7], 0.25)).toBe(7);
  expect(timing([1, 2, 3, 4, 5])).toEqual({ median: 3, p25: 2, p75: 4 });
});

test("contenders take turns, each warm, in every round", async () => {
  const calls: string[] = [];
  const contender = (name: string): Contender => ({
    name,
    run: () => {
      calls.push(name);
      return undefined;
    },
  });
  const timings = await interleave([contender("a"), contender("b")], { rounds: 2, warmUpMs: 0, turnMs: 0 });
  expect(timings).toHaveLength(2);
  expect(calls.join("")).toBe("aaabbbaabbaabb"); // three runs each to warm up; then two in a turn, the first untimed
});

test("a row whose quartiles lie far apart says so, and every row how noisy the machine was", () => {
  const steady = { median: 10, p25: 9.5, p75: 10.5 };
  const restless = { median: 10, p25: 8, p75: 11 };
  const where = { suite: "vit", runtime: "node 26.10.0", threads: 1, simd: "wide" } as const;
  const agreement = { agrees: true, compared: true, maxAbsDiff: 0 };
  const rowOf = (peer: typeof steady) => resultOf(where, { name: "a" }, "peer", [steady, peer, restless], agreement).row;
  expect(rowOf(steady)).toMatchObject({ noise: 0.3 });
  expect(rowOf(steady)).not.toHaveProperty("disturbed");
  expect(rowOf(restless)).toMatchObject({ disturbed: true });
});

test("the roofline is a module for every mode", () => {
  for (const mode of ["plain", "relaxed", "wide"] as const) expect(roofline(1e6, 1, mode).run()).toBeUndefined();
});

test("a run that takes twice as long measures longer", async () => {
  const busy = (ms: number): Contender => ({
    name: "busy",
    run: () => {
      const end = performance.now() + ms;
      while (performance.now() < end);
      return undefined;
    },
  });
  const [short, long] = await interleave([busy(2), busy(4)], { rounds: 5, warmUpMs: 1, turnMs: 4 });
  expect(short?.median).toBeGreaterThanOrEqual(2);
  expect(long?.median).toBeGreaterThanOrEqual(4);
});
