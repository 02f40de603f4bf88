/** ColBERT against sentence-transformers, which loads what its authors' code saved: golden/colbert, by tools/reference/colbert.py. */
import { readFile } from "node:fs/promises";
import { init } from "@x/layers";
import { checkForLeaks, expectClose, inFolder } from "@x/testing";
import { beforeAll, expect, test } from "vitest";
import { load } from "../src/auto/index.ts";
import { ColBERT, maxSim, rank, scorePairs } from "../src/index.ts";
import { goldenFolder } from "./golden.ts";

beforeAll(() => init());
checkForLeaks();

interface Golden {
  readonly queries: readonly string[];
  readonly passages: readonly string[];
  /** For each query, of every passage. */
  readonly scores: readonly (readonly number[])[];
}

const folder = goldenFolder("colbert");
const golden: Golden = JSON.parse(await readFile(`${folder}/golden.json`, "utf8"));
const pairs = golden.queries.flatMap((query) => golden.passages.map((passage) => [query, passage] as const));

test("pairs are scored as sentence-transformers scores them, whatever the batches; passages are ranked", async () => {
  using model = await ColBERT.fromPretrained(folder);
  for (const batchSize of [1, 4, 32]) expectClose(await scorePairs(model, pairs, { batchSize }), golden.scores.flat());
  const [scores = []] = golden.scores;
  const [query = ""] = golden.queries;
  const found = await rank(model, query, golden.passages, { topK: 3 });
  const order = [...scores.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0)).slice(0, 3);
  expect(found.map(({ index }) => index)).toEqual(order);
  expect(await rank(model, query, [])).toEqual([]);
});

test("its class is found by its files, and saved it comes back", async () => {
  await inFolder(async (copy) => {
    using model = await load(folder);
    expect(model).toBeInstanceOf(ColBERT);
    await (model as ColBERT).savePretrained(copy);
    using again = await ColBERT.fromPretrained(copy);
    expect(again.config).toEqual((model as ColBERT).config);
    expect(again.config).toMatchObject({ dim: 8, queryMaxlen: 14, docMaxlen: 18 });
    expectClose(await scorePairs(again, pairs), golden.scores.flat());
    expect(JSON.parse(await readFile(`${copy}/config.json`, "utf8"))).toMatchObject({ architectures: ["HF_ColBERT"] });
  });
});

test("maxSim: the greatest product for each of the query's vectors, summed", () => {
  const vectors = (...data: number[]) => ({ width: 2, data: Float32Array.from(data) });
  expect(maxSim(vectors(1, 0, 0, 2), vectors(3, 1, -1, 4))).toBe(3 + 8);
  expect(maxSim(vectors(1, 0), vectors())).toBe(0);
  expect(maxSim(vectors(), vectors(1, 1))).toBe(0);
});

test("what is no pair is refused by name", async () => {
  using model = await ColBERT.fromPretrained(folder);
  await expect(scorePairs(model, ["a"] as never)).rejects.toThrow('scorePairs: a pair is two texts, but pair 0 is "a"');
  await expect(rank(model, 3 as never, ["a"])).rejects.toThrow("rank: the query");
});
