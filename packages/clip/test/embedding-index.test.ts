import { init, liveBytes, normalize, scope, type Tensor, tensor, zeros } from "@x/layers";
import { inFolder, normal } from "@x/testing";
import { beforeAll, expect, test } from "vitest";
import { EmbeddingIndex } from "../src/index.ts";

beforeAll(async () => void (await init({ threads: 1 })));

const unit = (count: number, width: number, seed: number): Tensor => scope(() => normalize(normal([count, width], seed)));
const named = (count: number): string[] => Array.from({ length: count }, (_, i) => `item ${i}`);

test("finds what a search by hand finds, for several queries at once", () => {
  scope(() => {
    using index = new EmbeddingIndex(16);
    const [entries, queries] = [unit(200, 16, 1), unit(5, 16, 2)];
    index.add(named(200), entries);
    const found = index.search(queries, { topK: 7 });
    for (const [q, results] of found.entries()) {
      const cosines = Array.from({ length: 200 }, (_, row) =>
        Array.from({ length: 16 }, (__, d) => (entries.data[row * 16 + d] ?? 0) * (queries.data[q * 16 + d] ?? 0)).reduce((a, b) => a + b),
      );
      const order = [...cosines.keys()].sort((a, b) => (cosines[b] ?? 0) - (cosines[a] ?? 0)).slice(0, 7);
      expect(results.map(({ id }) => id)).toEqual(order.map((row) => `item ${row}`));
      for (const [i, row] of order.entries()) expect(results[i]?.score).toBeCloseTo(cosines[row] ?? 0, 5);
    }
  });
});

test("entries are added, replaced and removed; what is there is found first by itself", () => {
  scope(() => {
    using index = new EmbeddingIndex(8);
    expect(index.search(unit(2, 8, 1))).toEqual([[], []]);
    const entries = unit(6, 8, 3);
    const rows = (begin: number, end: number): Tensor => tensor(entries.data.slice(begin * 8, end * 8), [end - begin, 8]);
    index.add(["a", "b", "c"], rows(0, 3));
    expect(index.search(rows(1, 2), { topK: 1 })[0]?.[0]?.id).toBe("b");
    index.add(["d", "b"], rows(3, 5)); // b anew
    expect(index.size).toBe(4);
    expect(index.search(rows(4, 5), { topK: 1 })[0]?.[0]).toMatchObject({ id: "b", score: expect.closeTo(1, 5) });
    expect(index.search(rows(3, 4), { topK: 1 })[0]?.[0]?.id).toBe("d");
    index.remove(["b", "nobody"]);
    expect([index.ids(), index.has("b"), index.has("d")]).toEqual([["a", "c", "d"], false, true]);
    expect(index.search(rows(2, 3), { topK: 10 })[0]?.map(({ id }) => id)).toHaveLength(3);
    expect(index.search(rows(2, 3), { topK: 1 })[0]?.[0]?.id).toBe("c");
    expect(index.search(rows(2, 3), { topK: 0 })).toEqual([[]]);
  });
});

test("wrong shapes and names are refused", () => {
  scope(() => {
    using index = new EmbeddingIndex(4);
    expect(() => index.add(["a"], zeros([1, 5]))).toThrow("EmbeddingIndex.add: embeddings must be (1, 4), but embeddings is (1, 5)");
    expect(() => index.add(["a", "a"], zeros([2, 4]))).toThrow("EmbeddingIndex.add: an id comes twice");
    expect(() => index.search(zeros([4]))).toThrow("EmbeddingIndex.search: queries must be (Q, 4), but queries is (4,)");
    expect(() => new EmbeddingIndex(0)).toThrow("EmbeddingIndex: width must be a whole number from 1 on, but is 0");
  });
});

test("saved and loaded it finds the same; no byte is left behind", async () => {
  const before = liveBytes();
  await inFolder(async (folder) => {
    const file = `${folder}/emoji.safetensors`;
    using index = new EmbeddingIndex(8);
    using entries = unit(50, 8, 5);
    using queries = unit(3, 8, 6);
    index.add(named(50), entries);
    const found = index.search(queries);
    await index.save(file);
    using again = await EmbeddingIndex.load(file);
    expect(again.size).toBe(50);
    expect(again.search(queries)).toEqual(found);
    scope(() => again.add(["one more"], unit(1, 8, 7)));
    expect(again.size).toBe(51);
  });
  expect(liveBytes()).toBe(before);
});

test("what is no index is refused", async () => {
  await expect(EmbeddingIndex.load(new URL("../golden/hugging_face/model.safetensors", import.meta.url))).rejects.toThrow(
    "this is not an index",
  );
});
