/** Who waits, who goes together, who is sent away. */
import { ArgumentError } from "@x/layers";
import { expect, test } from "vitest";
import { Batcher } from "../src/batcher.ts";

/** Doubles numbers, once it is told to. */
function slow(maxBatch: number, maxQueue: number) {
  const sizes: number[] = [];
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  const batcher = new Batcher<number, number>(
    async (numbers) => {
      await gate;
      const odd = numbers.find((one) => one < 0);
      if (odd !== undefined) throw new ArgumentError("double", "numbers are from 0 on", `${odd} came`);
      return numbers.map((one) => 2 * one);
    },
    { maxBatch, maxQueue, onBatch: (size) => sizes.push(size) },
  );
  return { batcher, sizes, release: () => open(), never: new AbortController().signal };
}

test("the first goes at once, what comes meanwhile goes together, in batches of at most so many", async () => {
  const { batcher, sizes, release, never } = slow(4, 100);
  const all = [1, 2, 3, 4, 5, 6].map((one) => batcher.add([one], never));
  release();
  expect(await Promise.all(all)).toEqual([[2], [4], [6], [8], [10], [12]]);
  expect(sizes).toEqual([1, 4, 1]);
});

test("an input that can't be dealt with fails alone", async () => {
  const { batcher, release, never } = slow(8, 100);
  const all = [1, 2, -1, 4].map((one) => batcher.add([one], never));
  release();
  const ended = await Promise.allSettled(all);
  expect(ended.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
});

test("beyond the queue's length they are sent away; a large request is taken where nobody waits", async () => {
  const { batcher, release, never } = slow(1, 2);
  const taken = [batcher.add([1], never), batcher.add([2, 3], never)];
  await expect(batcher.add([4], never)).rejects.toMatchObject({ status: 429 });
  release();
  expect(await Promise.all(taken)).toEqual([[2], [4, 6]]);
  expect(await batcher.add([1, 2, 3, 4, 5], never)).toEqual([2, 4, 6, 8, 10]);
});

test("who has gone isn't computed for", async () => {
  const { batcher, sizes, release, never } = slow(1, 10);
  const controller = new AbortController();
  const first = batcher.add([1], never);
  const gone = batcher.add([2], controller.signal);
  controller.abort(new Error("gone"));
  await expect(gone).rejects.toThrow("gone");
  await expect(batcher.add([3], controller.signal)).rejects.toThrow("gone");
  release();
  await first;
  expect(sizes).toEqual([1]);
  expect(batcher.length).toBe(0);
});
