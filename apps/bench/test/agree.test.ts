import { expect, test } from "vitest";
import { agree } from "../src/agree.ts";

const numbers = (...values: number[]): Float32Array => Float32Array.from(values);

test("the tolerance is a share of the largest magnitude", () => {
  expect(agree(numbers(1, -100), numbers(1.5, -100), 0.01)).toEqual({ compared: true, agrees: true, maxAbsDiff: 0.5 });
  expect(agree(numbers(1, -10), numbers(1.5, -10), 0.01)).toEqual({ compared: true, agrees: false, maxAbsDiff: 0.5 });
});

test("equal outputs agree, even when they are all zeros", () => {
  expect(agree(numbers(0, 0), numbers(0, 0), 1e-5)).toEqual({ compared: true, agrees: true, maxAbsDiff: 0 });
});

test("NaN and other lengths agree with nothing", () => {
  expect(agree(numbers(1, Number.NaN), numbers(1, 2), 1).agrees).toBe(false);
  expect(agree(numbers(1, 2), numbers(1, Number.NaN), 1).agrees).toBe(false);
  expect(agree(numbers(Number.NaN, 2), numbers(1, 2), 1).maxAbsDiff).toBe(Number.POSITIVE_INFINITY);
  expect(agree(numbers(1), numbers(1, 2), 1).agrees).toBe(false);
});

test("an output that isn't there can't disagree", () => {
  expect(agree(numbers(1), undefined, 0)).toEqual({ compared: false, agrees: true, maxAbsDiff: 0 });
});
