/**
 * LanceDB's indices over the same vectors: how long each is made, what it finds of what is nearest, and how quickly. The queries take turns, exact search among them.
 *
 *     node --conditions=@x/source apps/bench/src/bulk/indices.ts --count 200000 --kinds rq,flat,pq
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { connect, Index, type Table } from "@lancedb/lancedb";
import { Field, FixedSizeList, Float32, Int64, Schema } from "apache-arrow";
import { inTurn, type Search } from "./in-turn.ts";
import { madeVectors } from "./made-vectors.ts";

const { values } = parseArgs({
  options: { count: { type: "string" }, clusters: { type: "string" }, queries: { type: "string" }, kinds: { type: "string" } },
});
const [count, queries, topK, piece] = [Number(values.count ?? 200_000), Number(values.queries ?? 50), 10, 10_000];
const cosine = { distanceType: "cosine" } as const;
const kinds: Readonly<Record<string, () => Index>> = {
  rq: () => Index.ivfRq(cosine),
  flat: () => Index.ivfFlat(cosine),
  pq: () => Index.ivfPq(cosine),
  hnsw: () => Index.hnswSq(cosine),
};
const asked = (values.kinds ?? "rq,flat,pq").split(",");

/** How many of an index's cells are looked into, and how many times `topK` of what is found there is compared by its own numbers. */
const settings = [
  [20, 4],
  [20, 10],
  [50, 10],
] as const;

const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`);
const vectorOf = await madeVectors(Number(values.clusters ?? 500));
const [first = new Float32Array()] = [vectorOf(0)];
const folder = await mkdtemp(join(tmpdir(), "bulk-indices-"));

async function filled(name: string): Promise<Table> {
  const vector = new FixedSizeList(first.length, new Field("element", new Float32(), false));
  const schema = new Schema([new Field("id", new Int64(), false), new Field("vector", vector, false)]);
  const table = await (await connect(folder)).createEmptyTable(name, schema);
  for (let begin = 0; begin < count; begin += piece)
    await table.add(Array.from({ length: Math.min(piece, count - begin) }, (_, i) => ({ id: begin + i, vector: vectorOf(begin + i) })));
  await table.optimize();
  return table;
}

const idsOf = (found: readonly object[]): number[] => found.map((row) => Number((row as { readonly id: bigint }).id));

try {
  const searches: Record<string, Search> = {};
  const plain = await filled("none");
  searches["none"] = async (vector) =>
    idsOf((await plain.query().nearestTo(vector).distanceType("cosine").limit(topK).toArray()) as object[]);
  for (const kind of asked) {
    const config = kinds[kind]?.();
    if (!config) throw new Error(`an index is one of ${Object.keys(kinds).join(", ")}, but ${kind} came`);
    const table = await filled(kind);
    const begun = performance.now();
    await table.createIndex("vector", { config });
    say({ kind, seconds: Number(((performance.now() - begun) / 1000).toFixed(1)) });
    for (const [cells, refine] of settings)
      searches[`${kind}, ${cells} cells, ${refine} × compared again`] = async (vector) => {
        const query = table.query().nearestTo(vector).distanceType("cosine").nprobes(cells).refineFactor(refine);
        return idsOf((await query.limit(topK).toArray()) as object[]);
      };
  }
  say(
    await inTurn(
      searches,
      Array.from({ length: queries }, (_, i) => vectorOf(count + i)),
    ),
  );
} finally {
  await rm(folder, { recursive: true });
}
