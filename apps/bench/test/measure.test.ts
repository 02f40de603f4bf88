import { expect, test } from "vitest";
import type { Contender } from "../src/case.ts";
import { interleave, quantile, timing } from "../src/measure.ts";

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
