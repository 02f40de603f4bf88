/** The index against a search by hand, and what it takes, gives back, keeps and refuses. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drawNormal, init, liveBytes, Rng, scope, shutdown, tensor, zeros } from "@x/layers";
import { beforeAll, describe, expect, test } from "vitest";
import { EmbeddingIndex, similarity } from "../src/index.ts";

beforeAll(async () => void (await init({ threads: 1 })));

/** Not of length 1. */
const vectors = (count: number, width: number, seed: number): Float32Array[] =>
  scope(() => {
    const drawn = zeros([count, width]);
    drawNormal(drawn, new Rng(seed));
    return Array.from({ length: count }, (_, row) => drawn.data.slice(row * width, (row + 1) * width));
  });
const flat = (rows: readonly Float32Array[]): number[] => rows.flatMap((row) => [...row]);
const cosine = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0) / (Math.hypot(...a) * Math.hypot(...b));

describe("search", () => {
  test("finds what a search by hand finds, for several queries at once", () => {
    using index = new EmbeddingIndex();
    const [entries, queries] = [vectors(200, 16, 1), vectors(5, 16, 2)];
    expect(index.add(entries)).toEqual([...entries.keys()]);
    for (const [q, results] of index.search(queries, { topK: 7 }).entries()) {
      const cosines = entries.map((entry) => cosine(entry, queries[q] ?? new Float32Array()));
      const order = [...cosines.keys()].sort((a, b) => (cosines[b] ?? 0) - (cosines[a] ?? 0)).slice(0, 7);
      expect(results.map(({ id }) => id)).toEqual(order);
      for (const [i, row] of order.entries()) expect(results[i]?.score).toBeCloseTo(cosines[row] ?? 0, 5);
    }
  });

  test("one vector gives one list, and whatever holds the numbers gives the same", () => {
    using index = new EmbeddingIndex();
    const [entries, [query = new Float32Array()]] = [vectors(6, 8, 3), vectors(1, 8, 4)];
    index.add(entries);
    const found = index.search(query);
    expect(found).toHaveLength(6);
    expect(index.search([query])).toEqual([found]);
    expect(index.search([...query])).toEqual(found);
    expect(scope(() => index.search(tensor([query])))).toEqual([found]);
    const others = [entries.map((entry) => [...entry]), scope(() => tensor(entries).toArray() as number[][])];
    for (const other of others) {
      using same = new EmbeddingIndex();
      same.add(other);
      expect(same.search(query)).toEqual(found);
    }
  });

  test("payloads come back, and a filter says which entries count", () => {
    using index = new EmbeddingIndex<{ readonly year: number }>();
    const [old, recent] = [Float32Array.of(1, 0), Float32Array.of(1, 0.1)];
    index.add([old, recent], { ids: ["old", "recent"], payloads: [{ year: 1851 }, { year: 2020 }] });
    expect(index.search(old).map(({ id, payload }) => [id, payload])).toEqual([
      ["old", { year: 1851 }],
      ["recent", { year: 2020 }],
    ]);
    expect(index.search(old, { filter: ({ payload }) => (payload?.year ?? 0) > 2000 })).toEqual([
      { id: "recent", payload: { year: 2020 }, score: expect.closeTo(cosine(old, recent), 6) },
    ]);
    expect(index.search(old, { filter: ({ id }) => id === "nobody" })).toEqual([]);
  });

  test("an empty index, no query, a vector of zeros", () => {
    using index = new EmbeddingIndex();
    expect([index.search(Float32Array.of(1, 2)), index.search([[1], [2]]), index.size, index.width]).toEqual([[], [[], []], 0, 0]);
    index.add(Float32Array.of(0, 0));
    expect(index.search([1, 2])).toEqual([{ id: 0, payload: null, score: 0 }]);
    expect(index.search([])).toEqual([]);
  });
});

describe("entries", () => {
  test("are added and removed, and given back as they came", () => {
    using index = new EmbeddingIndex();
    const [a, b, c, d] = vectors(4, 8, 5) as [Float32Array, Float32Array, Float32Array, Float32Array];
    index.add([a, b, c], { ids: ["a", "b", "c"] });
    index.search(a); // the rows are in the form that searching wants
    index.add(d, { ids: ["d"], payloads: ["last"] });
    expect(index.vectors()).toEqual([a, b, c, d]);
    expect(index.get("d")).toEqual({ id: "d", payload: "last", vector: d });
    index.remove(["b", "nobody"]);
    index.remove("a");
    expect([index.ids(), index.has("b"), index.has("d"), index.get("b")]).toEqual([["c", "d"], false, true, undefined]);
    expect(index.search(d)[0]).toEqual({ id: "d", payload: "last", score: expect.closeTo(1, 6) });
    index.add(b, { ids: ["b"] });
    expect(index.search(b, { topK: 1 })[0]?.id).toBe("b");
  });

  test("an id that comes twice is named, and nothing has happened", () => {
    using index = new EmbeddingIndex<string>();
    const [a, b, c] = vectors(3, 4, 6) as [Float32Array, Float32Array, Float32Array];
    index.add([a, b], { ids: ["a", "b"], payloads: ["first", "second"] });
    const [ids, rows, live] = [index.ids(), index.vectors(), liveBytes()];
    expect(() => index.add([c, c], { ids: ["c", "c"] })).toThrow('EmbeddingIndex.add: every id is one entry\'s, but "c" comes twice');
    expect(() => index.add([c, c], { ids: ["c", "b"] })).toThrow('"b" comes twice; remove() the old one first');
    expect(() => index.merge(index)).toThrow('"a" comes twice');
    expect([index.ids(), index.vectors(), liveBytes(), index.get("b")?.payload]).toEqual([ids, rows, live, "second"]);
  });

  test("what can't be is refused, and nothing has happened", () => {
    using index = new EmbeddingIndex();
    index.add(Float32Array.of(1, 2, 3, 4));
    const add = (what: Parameters<typeof index.add>[0], options?: object) => () => index.add(what, options);
    for (const [attempt, message] of [
      [add([1, 2]), "EmbeddingIndex.add: vectors must have 4 numbers, as those in the index, but these have 2"],
      [add([[1, 2, 3, 4], [1]]), "all vectors must be equally long, but number 0 has 4 numbers and number 1 has 1"],
      [add([Number.NaN, 2, 3, 4]), "vectors are finite numbers, but number 0 isn't"],
      [add(["a"] as never), "vectors are Float32Arrays or lists of numbers, but number 0 is a string"],
      [add([1, 2, 3, 4], { ids: ["a", "b"] }), "there must be as many ids as vectors, but there are 2 and 1"],
      [add([1, 2, 3, 4], { payloads: [] }), "there must be as many payloads as vectors, but there are 0 and 1"],
      [() => scope(() => index.add(zeros([4]))), "a tensor of vectors must be (count, width), but vectors is (4,)"],
      [() => index.search([1, 2]), "EmbeddingIndex.search: vectors must have 4 numbers, as those in the index, but these have 2"],
      [() => index.search([1, 2, 3, 4], { topK: 0 }), "EmbeddingIndex.search: topK must be a whole number from 1 on, but is 0"],
    ] as const) {
      expect(attempt).toThrow(message);
    }
    expect(index.ids()).toEqual([0]);
  });

  test("parts that were made apart become one; running numbers go on", () => {
    using index = new EmbeddingIndex<string>();
    using other = new EmbeddingIndex<string>();
    const rows = vectors(5, 8, 7);
    index.add(rows.slice(0, 2), { payloads: ["0", "1"] });
    other.add(rows.slice(2, 4), { payloads: ["2", "3"] });
    other.add(rows.slice(4), { ids: ["named"], payloads: ["4"] });
    index.merge(other);
    expect(index.ids()).toEqual([0, 1, 2, 3, "named"]);
    expect(index.vectors()).toEqual(rows);
    for (const [i, row] of rows.entries()) expect(index.search(row, { topK: 1 })[0]?.payload).toBe(String(i));
    expect(other.size).toBe(3);
    index.merge(new EmbeddingIndex<string>());
    expect(index.size).toBe(5);
    const empty = new EmbeddingIndex<string>();
    empty.merge(other);
    expect(empty.ids()).toEqual([0, 1, "named"]);
    empty.dispose();
  });
});

describe("files", () => {
  const inFolder = async (work: (folder: string) => Promise<void>): Promise<void> => {
    const folder = await mkdtemp(join(tmpdir(), "index-"));
    await work(folder).finally(() => rm(folder, { recursive: true }));
  };

  test("saved and loaded it finds the same, with another engine, too; no byte is left behind", async () => {
    await inFolder(async (folder) => {
      const [entries, [query = new Float32Array()]] = [vectors(50, 8, 8), vectors(1, 8, 9)];
      const before = liveBytes();
      const found = await (async () => {
        using index = new EmbeddingIndex();
        index.add(entries.slice(0, 40), { payloads: entries.slice(0, 40).map((_, i) => ({ at: [i, "ü"] })) });
        index.add(entries.slice(40), { ids: entries.slice(40).map((_, i) => `item ${i}`) });
        await index.save(`${folder}/index.safetensors`);
        return index.search(query);
      })();
      expect(liveBytes()).toBe(before);
      shutdown();
      using again = await EmbeddingIndex.load(`${folder}/index.safetensors`);
      expect([again.size, again.width]).toEqual([50, 8]);
      expect(again.search(query)).toEqual(found);
      expect(again.vectors()).toEqual(entries);
      expect(again.add(query)).toEqual([40]);
    });
  });

  test("an empty one, too; what is no index is refused", async () => {
    await inFolder(async (folder) => {
      using empty = new EmbeddingIndex();
      await empty.save(`${folder}/empty.safetensors`);
      using again = await EmbeddingIndex.load(`${folder}/empty.safetensors`);
      expect(again.size).toBe(0);
      again.add([1, 2]);
      expect(again.search([1, 2])[0]?.score).toBeCloseTo(1, 6);
    });
    const model = new URL("../../clip/golden/hugging_face/model.safetensors", import.meta.url);
    await expect(EmbeddingIndex.load(model)).rejects.toThrow("this is not an index");
  });
});

test("similarity: cosines of one with one, and of all with all", () => {
  const [a = new Float32Array(), b = new Float32Array()] = vectors(2, 8, 10);
  expect(similarity(a, b)).toBeCloseTo(cosine(a, b), 6);
  expect(similarity([3, 0], [6, 8])).toBeCloseTo(0.6, 6);
  const table = similarity([a, b], [a, b, a]);
  expect(table.map((row) => row.length)).toEqual([3, 3]);
  expect(flat(table)).toEqual([1, cosine(a, b), 1, cosine(a, b), 1, cosine(a, b)].map((value) => expect.closeTo(value, 5)));
  expect(() => similarity([1], [1, 2])).toThrow("similarity: vectors must be equally long, but they have 1 and 2 numbers");
});
