import { expect, test } from "vitest";
import type { BatchOptions } from "../src/index.ts";
import { inBatches } from "../src/model.ts";

const batchesOf = async (items: readonly number[], options?: BatchOptions, fits?: (item: number, first: number) => boolean) =>
  Array.fromAsync(inBatches(items, options, fits));

test("batches keep the order, end where an item doesn't fit, and report what is done", async () => {
  const seen: number[] = [];
  const onProgress = ({ done, total }: { done: number; total: number }): void => void seen.push(done, total);
  expect(await batchesOf([1, 2, 3, 10, 11], { batchSize: 2, onProgress }, (item, first) => item - first < 5)).toEqual([
    [1, 2],
    [3],
    [10, 11],
  ]);
  expect(seen).toEqual([2, 5, 3, 5, 5, 5]);
  expect(await batchesOf([])).toEqual([]);
});

test.each([0, -1, 1.5, Number.NaN])("a batch of %s items is refused", async (batchSize) => {
  await expect(batchesOf([1], { batchSize })).rejects.toThrow(`batchSize must be a whole number from 1 on, but is ${batchSize}`);
});

test("aborting ends it", async () => {
  const controller = new AbortController();
  const onProgress = (): void => controller.abort(new Error("enough"));
  await expect(batchesOf([1, 2], { batchSize: 1, onProgress, signal: controller.signal })).rejects.toThrow("enough");
});
