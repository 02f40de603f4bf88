/** Batches: every example once an epoch, reproducible orders, similar lengths together, and a cursor that goes on from any place. */
import { beforeAll, describe, expect, test } from "vitest";
import { type BatchCursor, batches, type BatchesOptions, type Dataset, init, Rng } from "../src/index.ts";

beforeAll(() => init({ threads: 1 }));

const numbers = Array.from({ length: 103 }, (_, i) => i);
/** The same as something that only can be walked through. */
const stream: AsyncIterable<number> = {
  async *[Symbol.asyncIterator]() {
    yield* numbers;
  },
};

async function all(dataset: Dataset<number>, options: BatchesOptions<number>): Promise<readonly (readonly number[])[]> {
  const found: (readonly number[])[] = [];
  for await (const batch of batches(dataset, options)) found.push(batch);
  return found;
}

const kinds: readonly (readonly [string, BatchesOptions<number>])[] = [
  ["in order", {}],
  ["shuffled", { shuffle: true }],
  ["by length", { lengthOf: (number) => number % 10 }],
  ["shuffled by length", { shuffle: true, lengthOf: (number) => number % 10 }],
];

describe.each([["a list", numbers] as const, ["a stream", stream] as const])("%s", (_, dataset) => {
  test.each(kinds)("%s: every example comes once an epoch, whatever the batches' size", async (__, options) => {
    for (const batchSize of [1, 4, 16, 103, 200]) {
      const found = await all(dataset, { ...options, batchSize, epochs: 2, rng: new Rng(1) });
      const flat = found.flat();
      expect(flat.slice(0, 103).toSorted((a, b) => a - b)).toEqual(numbers);
      expect(flat.slice(103).toSorted((a, b) => a - b)).toEqual(numbers);
      expect(found).toHaveLength(2 * Math.ceil(103 / batchSize));
      if (batchSize === 200) continue; // no batch is full
      const whole = await all(dataset, { ...options, batchSize, rng: new Rng(1), dropLast: true });
      expect(whole.every(({ length }) => length === batchSize)).toBe(true);
      expect(whole).toHaveLength(Math.floor(103 / batchSize));
    }
  });

  test.each(kinds)("%s: from any place it goes on as it would have, after JSON too, whatever is drawn besides", async (__, options) => {
    const walk = (rng: Rng, cursor?: BatchCursor) =>
      batches(dataset, { ...options, batchSize: 8, epochs: 3, rng, cursor, collate: (batch) => ({ batch, draw: rng.state++ }) });
    const rng = new Rng(5, 7);
    const whole: unknown[] = [];
    const cursors: string[] = [];
    const first = walk(rng);
    cursors.push(JSON.stringify(first.cursor));
    for await (const batch of first) {
      whole.push(batch);
      cursors.push(JSON.stringify(first.cursor));
    }
    for (const place of [0, 1, 5, 12, 13, 14, 25, 26, 38]) {
      const rest: unknown[] = [];
      for await (const batch of walk(new Rng(5), JSON.parse(cursors[place] ?? "") as BatchCursor)) rest.push(batch);
      expect(rest, `from ${place}`).toEqual(whole.slice(place));
    }
  });

  test("epochs have orders of their own, the same for the same seed", async () => {
    const flat = async (seed: number): Promise<number[]> => (await all(dataset, { shuffle: true, rng: new Rng(seed), epochs: 2 })).flat();
    const [first, again, other] = [await flat(1), await flat(1), await flat(2)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(first.slice(0, 103)).not.toEqual(first.slice(103));
    expect(first.slice(0, 103)).not.toEqual(numbers);
  });
});

test("examples of similar length share a batch", async () => {
  const found = await all(numbers, { batchSize: 10, lengthOf: (number) => (number * 37) % 101, shuffle: true, rng: new Rng(1) });
  const spread = found.map((batch) => Math.max(...batch.map((n) => (n * 37) % 101)) - Math.min(...batch.map((n) => (n * 37) % 101)));
  expect(Math.max(...spread)).toBeLessThan(25);
  const begins = found.map(([first = 0]) => (first * 37) % 101);
  expect(begins, "not the longest first").not.toEqual(begins.toSorted((a, b) => b - a));
});

test("lists know how many batches they have; what can't be is refused", async () => {
  expect(batches(numbers, { batchSize: 10 }).batchesPerEpoch).toBe(11);
  expect(batches(numbers, { batchSize: 10, dropLast: true }).batchesPerEpoch).toBe(10);
  expect(batches(stream, {}).batchesPerEpoch).toBeUndefined();
  expect(() => batches(numbers, { shuffle: true })).toThrow("batches: an rng is needed to shuffle, but none was given");
  expect(() => batches(numbers, { batchSize: 0 })).toThrow("batches: batchSize must be a whole number from 1 on, but is 0");
  await expect(all([], {})).rejects.toThrow("batches: every epoch needs at least one batch, but epoch 1 had none");
});
