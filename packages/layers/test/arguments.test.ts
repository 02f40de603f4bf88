/** Numbers that stand by themselves among an op's arguments: what can't be is refused by name, never computed with. */
import { beforeAll, expect, test } from "vitest";
import {
  ArgumentError,
  attention,
  batchNormTraining,
  constant,
  cosineWithWarmup,
  dropout,
  dropPath,
  init,
  interpolate,
  LayerNorm,
  layerNorm,
  linearWithWarmup,
  noam,
  Rng,
  tensor,
  zeros,
} from "../src/index.ts";

beforeAll(() => init());

const never = [Number.NaN, -1, Infinity, "1", null, {}, [1]] as unknown as readonly number[];
const rows = (): ReturnType<typeof tensor> => tensor([[1, 2, 3, 4], [5, 6, 7, 8]]); // prettier-ignore
const scale = (): ReturnType<typeof zeros> => zeros([4]);

test.each<[string, (value: number) => unknown, readonly number[]]>([
  ["layerNorm's eps", (eps) => layerNorm(rows(), scale(), scale(), eps), never],
  ["LayerNorm's eps", (eps) => new LayerNorm(4, eps), [...never, undefined as unknown as number]],
  ["batchNormTraining's eps", (eps) => batchNormTraining(rows(), scale(), scale(), eps), never],
  ["dropout's p", (p) => dropout(rows(), p, new Rng(0)), [...never, 1, 2]],
  ["dropout's rng", (rng) => dropout(rows(), 0.5, rng as unknown as Rng), [...never, undefined as unknown as number]],
  ["dropPath's p", (p) => dropPath(rows(), p, new Rng(0)), [...never, 1, 2]],
  ["interpolate's length", (length) => interpolate(rows(), 1, length, "cubic"), [...never, 1.5]],
  ["interpolate's scale", (by) => interpolate(rows(), 1, 2, "cubic", by), [Number.NaN, -1, 0]],
  [
    "attention's heads",
    (heads) => attention(zeros([1, 2, 4]), zeros([1, 2, 4]), zeros([1, 2, 4]), { numHeads: heads }),
    [...never, 0, -2, 1.5],
  ],
  ["constant", constant, never],
  ["linearWithWarmup's steps", (steps) => linearWithWarmup(1, 1, steps), never],
  ["cosineWithWarmup's rate", (rate) => cosineWithWarmup(rate, 1, 2), never],
  ["noam's width", noam, [...never.filter((value) => value !== Infinity), 0]],
])("%s", (_, call, values) => {
  for (const value of values) expect(() => call(value), String(value)).toThrow(ArgumentError);
});
