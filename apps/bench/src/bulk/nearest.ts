/**
 * What a table's index finds of what is nearest, and how quickly, beside the exact search over the same vectors: in turn.
 *
 *     node --conditions=@x/source apps/bench/src/bulk/nearest.ts --to lancedb:/tmp/some.lancedb#vectors
 *     node --conditions=@x/source apps/bench/src/bulk/nearest.ts --to postgres://localhost/database#vectors
 *
 * `bulk` fills the table and makes its index; `searchTable` asks it, with vectors that aren't in it.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { bulk, searchTable } from "@x/bulk";
import { EmbeddingIndex } from "@x/search";
import { inTurn } from "./in-turn.ts";
import { madeVectors } from "./made-vectors.ts";

const { values } = parseArgs({ options: { to: { type: "string" }, count: { type: "string" }, queries: { type: "string" } } });
const [sink, count, queries, topK] = [values.to ?? "", Number(values.count ?? 200_000), Number(values.queries ?? 100), 10];

const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`);
const ids = (begin: number, length: number): number[] => Array.from({ length }, (_, i) => begin + i);

const folder = await mkdtemp(join(tmpdir(), "bulk-nearest-"));
try {
  let gathered = 0;
  const { seconds } = await bulk({
    source: ids(0, count).map((id) => ({ id })),
    task: { kind: "module", model: join(import.meta.dirname, "made-vectors.ts"), column: "id" },
    sink,
    jobFolder: join(folder, "job"),
    workers: 1,
    onProgress: ({ phase }) => {
      if (phase === "gathering") gathered ||= performance.now();
    },
  });
  say({ sink, count, seconds: Math.round(seconds), ofWhichFillingAndIndex: Math.round((performance.now() - gathered) / 1000) });

  const vectorOf = await madeVectors();
  using index = new EmbeddingIndex();
  for (let begin = 0; begin < count; begin += 10_000) index.add(ids(begin, Math.min(10_000, count - begin)).map(vectorOf));
  const searches = {
    exact: async (vector: Float32Array) => index.search(vector, { topK }).map(({ id }) => Number(id)),
    table: async (vector: Float32Array) => (await searchTable(sink, vector, { topK })).map(({ row }) => Number(row["id"])),
  };
  say({ ...(await inTurn(searches, ids(count, queries).map(vectorOf))), exactMegabytes: Math.round(index.bytes / 1e6) });
} finally {
  await rm(folder, { recursive: true });
}
