/** Embeddings of fewer bytes: as sentence-transformers makes them, and what an index of them finds. */
import { readFile } from "node:fs/promises";
import { float16ToFloat32 } from "@x/layers/model";
import { init, liveBytes, openCheckpoint } from "@x/layers";
import { expectClose, inFolder } from "@x/testing";
import { beforeAll, describe, expect, test } from "vitest";
import {
  dotProduct,
  EmbeddingIndex,
  type EmbeddingPrecision,
  embeddingRanges,
  hammingDistance,
  quantizeEmbeddings,
  similarity,
} from "../src/index.ts";

type Table = readonly (readonly number[])[];

interface Quantized {
  readonly own: Table;
  readonly calibrated?: Table;
  readonly one?: Table;
  readonly cosines?: Table;
  readonly dots?: Table;
  /** For each query [row, score]. */
  readonly rescored: readonly Table[];
  readonly distances?: Table;
}

interface GoldenFile {
  readonly embeddings: Table;
  readonly queries: Table;
  readonly calibration: Table;
  readonly ranges: readonly [number[], number[]];
  readonly precisions: Readonly<Record<Quantizing, Quantized>>;
}

type Quantizing = Exclude<EmbeddingPrecision, "float32">;
const precisions: readonly Quantizing[] = ["int8", "uint8", "binary", "ubinary"];
const scalars = ["int8", "uint8"] as const;

const golden = JSON.parse(await readFile(new URL("../golden/quantized.json", import.meta.url), "utf8")) as GoldenFile;
const floats = (table: Table): Float32Array[] => table.map((row) => Float32Array.from(row));
const [embeddings, queries, calibration] = [floats(golden.embeddings), floats(golden.queries), floats(golden.calibration)];
const plain = (rows: readonly ArrayLike<number>[]): number[][] => rows.map((row) => Array.from(row));

beforeAll(async () => void (await init({ threads: 1 })));

describe.each(precisions)("%s", (precision) => {
  const expected = golden.precisions[precision];
  const packed = quantizeEmbeddings(embeddings, precision);

  test("bit for bit what sentence-transformers makes", () => {
    expect(plain(packed)).toEqual(expected.own);
    expect(plain(quantizeEmbeddings(embeddings, precision, { ranges: golden.ranges }))).toEqual(expected.calibrated ?? expected.own);
    expect(plain(quantizeEmbeddings(embeddings.slice(0, 1), precision, { ranges: golden.ranges }))).toEqual(
      expected.one ?? expected.own.slice(0, 1),
    );
    expect(quantizeEmbeddings([], precision)).toEqual([]);
  });

  test("an index finds what its searches with rescoring find, whichever way vectors come", () => {
    const ranges = embeddingRanges(embeddings);
    using index = new EmbeddingIndex({ precision, ranges });
    using ready = new EmbeddingIndex({ precision, ranges });
    index.add(embeddings[0] ?? []);
    index.add(embeddings.slice(1));
    ready.add(embeddings[0] ?? []); // bytes of bits don't tell that there are 20
    ready.add(packed.slice(1));
    for (const one of [index, ready]) {
      for (const [q, results] of one.search(queries, { topK: 3 }).entries()) {
        const query = queries[q] ?? new Float32Array();
        expect(results.map(({ id }) => id)).toEqual(expected.rescored[q]?.map(([row]) => row));
        // A score there is the product with 0 and 1, here the cosine with -1 and 1.
        const sum = query.reduce((a, b) => a + b);
        const theirs = expected.rescored[q]?.map(([, score = 0]) =>
          precision.endsWith("binary") ? (2 * score - sum) / Math.sqrt(20) : score,
        );
        expectClose(results.map(({ score }) => score), theirs ?? [], "scores", precision.endsWith("binary") || one === index ? 1e-6 : 0.01); // prettier-ignore
      }
    }
    expect(ready.vectors()).toEqual(index.vectors());
  });

  test("saved as those bytes, loaded, merged, and taken from", async () => {
    await inFolder(async (folder) => {
      using index = new EmbeddingIndex<string>({ precision });
      index.add(embeddings, { payloads: [..."abcdefghijkl"] });
      const before = liveBytes();
      expect(before).toBe(0);
      await index.save(`${folder}/index.safetensors`);
      const bytes = new Float32Array(packed.length * (packed[0]?.length ?? 0));
      const checkpoint = await openCheckpoint(`${folder}/index.safetensors`);
      const entry = checkpoint.entries.get("embeddings");
      expect(entry?.dtype).toBe(precision === "int8" || precision === "binary" ? "int8" : "uint8");
      await checkpoint.readInto([["embeddings", { shape: entry?.shape ?? [], view: () => bytes }]]);
      expect([...bytes]).toEqual(expected.own.flat());
      using again = await EmbeddingIndex.load<string>(`${folder}/index.safetensors`);
      expect([again.precision, again.size, again.width, again.bytes]).toEqual([precision, 12, 20, index.bytes]);
      expect(again.search(queries)).toEqual(index.search(queries));
      const [first = new Float32Array()] = embeddings;
      again.remove([0]);
      expect(again.search(first, { topK: 12 }).some(({ payload }) => payload === "a")).toBe(false);
      again.merge(index);
      expect([again.size, again.get(12)?.payload, again.vectors()[11]]).toEqual([23, "a", index.vectors()[0]]);
      again.remove(again.ids());
      expect(again.search(first)).toEqual([]);
      await again.save(`${folder}/empty.safetensors`);
      using none = await EmbeddingIndex.load(`${folder}/empty.safetensors`);
      expect([none.size, none.precision]).toEqual([0, precision]);
    });
  });
});

test.each(scalars)("%s: products and cosines of the whole numbers; one alone has no ranges", (precision) => {
  const packed = quantizeEmbeddings(embeddings, precision);
  const { dots = [], cosines = [] } = golden.precisions[precision];
  expect(plain(dotProduct(packed, packed))).toEqual(dots);
  expectClose(similarity(packed, packed).flatMap((row) => [...row]), cosines.flat(), "cosines", 1e-6); // prettier-ignore
  expect(() => quantizeEmbeddings(embeddings.slice(0, 1), precision)).toThrow(`${precision} needs ranges, as embeddingRanges finds them`);
  using index = new EmbeddingIndex({ precision });
  expect(() => index.add([1, 2, 3])).toThrow(
    `an index of ${precision} needs ranges, or many vectors at first to find them in, but one vector came`,
  );
  expect(() => index.add(packed)).toThrow(`${precision} vectors need the ranges that they were made with, but the index has none`);
});

test.each(["binary", "ubinary"] as const)("%s: a query of bits finds by Hamming's distance", (precision) => {
  const [packed, asked] = [quantizeEmbeddings(embeddings, precision), quantizeEmbeddings(queries, precision)];
  const { distances = [] } = golden.precisions[precision];
  const all = hammingDistance(asked, packed);
  expect(all.map((row) => [...row].sort((a, b) => a - b).slice(0, 3))).toEqual(distances);
  expect(hammingDistance(asked[0] ?? new Int8Array(), packed[1] ?? new Int8Array())).toBe(all[0]?.[1]);
  using index = new EmbeddingIndex({ precision });
  index.add(embeddings);
  for (const [q, results] of index.search(asked, { topK: 3 }).entries())
    expectClose(results.map(({ score }) => score), distances[q]?.map((different) => 1 - (2 * different) / 20) ?? [], "scores", 1e-6); // prettier-ignore
});

test("what can't be is refused by name", () => {
  const [first = new Float32Array()] = embeddings;
  const bytes = quantizeEmbeddings(embeddings, "int8");
  using numbers = new EmbeddingIndex();
  using bits = new EmbeddingIndex({ precision: "ubinary" });
  using other = new EmbeddingIndex({ precision: "int8", ranges: golden.ranges });
  bits.add(embeddings);
  other.add(embeddings);
  for (const [attempt, message] of [
    [
      () => quantizeEmbeddings(embeddings, "int4" as never),
      'precision must be one of "float32", "int8", "uint8", "binary", "ubinary", but is "int4"',
    ],
    [
      () => quantizeEmbeddings([first, Float32Array.of(1)], "binary"),
      "all embeddings must be equally long, but number 0 has 20 numbers and number 1 has 1",
    ],
    [() => quantizeEmbeddings([Float32Array.of(Number.NaN)], "binary"), "embeddings are finite numbers, but number 0 isn't"],
    [
      () => quantizeEmbeddings(embeddings, "int8", { ranges: [[1], [2]] }),
      "ranges must have as many numbers as the embeddings, but they have 1 and 20",
    ],
    [() => embeddingRanges([]), "there must be embeddings to take ranges from, but there is none"],
    [() => numbers.add(bytes), "vectors must be numbers, as the index is, but number 0 is a Int8Array"],
    [() => bits.add(bytes), "vectors must be numbers, or ubinary, as the index is, but number 0 is a Int8Array"],
    [
      () => bits.add([Uint8Array.of(1), Uint8Array.of(1, 2)]),
      "all vectors must be equally long, but number 0 has 1 bytes and number 1 has 2",
    ],
    [() => bits.search(Uint8Array.of(1)), "vectors must have 20 numbers, as those in the index, but these have 8"],
    [() => bits.merge(other), "both must have the same precision and ranges, but they have ubinary and int8"],
    [
      () => hammingDistance(embeddings as never, embeddings as never),
      "embeddings are all binary, or all ubinary, but they are Float32Array",
    ],
    [() => new EmbeddingIndex({ precision: "int4" as never }), "EmbeddingIndex: precision must be one of"],
    [() => bits.search(first, { rescoreMultiplier: 0 }), "rescoreMultiplier must be a whole number from 1 on, but is 0"],
  ] as const) {
    expect(attempt).toThrow(message);
  }
  using own = new EmbeddingIndex({ precision: "int8" });
  own.add(embeddings);
  expect(() => own.merge(other)).toThrow("they have int8 and int8, and different ranges");
  expect(other.vectors()[0]).not.toEqual(own.vectors()[0]);
  expect(calibration).toHaveLength(30);
});

/** Embeddings of 300 sentences by the real all-MiniLM-L6-v2. */
async function sentences(): Promise<Float32Array[]> {
  const bytes = await readFile(new URL("../../../examples/sentence-similarity/golden/embeddings.f16", import.meta.url));
  const all = new Float32Array(bytes.length / 2);
  float16ToFloat32(new Uint16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)), all, 0);
  return Array.from({ length: all.length / 384 }, (_, row) => all.slice(row * 384, (row + 1) * 384));
}

test.each([
  ["float32", 1540, 1, 1],
  ["int8", 388, 0.99, 1],
  ["uint8", 388, 0.99, 1],
  ["binary", 48, 0.7, 0.98],
  ["ubinary", 48, 0.7, 0.98],
] as const)(
  "%s takes %i bytes a sentence of all-MiniLM-L6-v2, and finds most of what float32 finds",
  async (precision, bytes, leastOf10, leastOf40) => {
    const all = await sentences();
    const [asked, kept] = [all.slice(0, 50), all.slice(50)];
    using index = new EmbeddingIndex({ precision });
    using exact = new EmbeddingIndex();
    index.add(kept);
    exact.add(kept);
    expect(index.bytes / index.size).toBe(bytes);
    const recall = (found: number): number => {
      const [theirs, ours] = [exact.search(asked, { topK: 10 }), index.search(asked, { topK: found })];
      const hits = theirs.map((results, q) => results.filter(({ id }) => ours[q]?.some((one) => one.id === id)).length);
      return hits.reduce((a, b) => a + b, 0) / (10 * asked.length);
    };
    expect(recall(10)).toBeGreaterThanOrEqual(leastOf10);
    expect(recall(40)).toBeGreaterThanOrEqual(leastOf40);
  },
);
