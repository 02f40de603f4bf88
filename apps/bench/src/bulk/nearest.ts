/**
 * What an index finds of what is nearest, and how quickly, beside the exact search over the same vectors.
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
import { EmbeddingIndex, init } from "@x/search";
import { vectorOf } from "./made-vectors.ts";

const { values } = parseArgs({ options: { to: { type: "string" }, count: { type: "string" }, queries: { type: "string" } } });
const [sink, count, queries, topK] = [values.to ?? "", Number(values.count ?? 200_000), Number(values.queries ?? 100), 10];

const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`);
const ids = (begin: number, length: number): number[] => Array.from({ length }, (_, i) => begin + i);

/** What a search finds for every query, and its median milliseconds. */
async function asked(
  search: (vector: Float32Array) => Promise<number[]>,
): Promise<{ readonly found: number[][]; readonly milliseconds: number }> {
  const [found, times]: [number[][], number[]] = [[], []];
  for (const id of ids(count, queries)) {
    const vector = vectorOf(id);
    const begun = performance.now();
    found.push(await search(vector));
    times.push(performance.now() - begun);
  }
  return { found, milliseconds: times.toSorted((a, b) => a - b)[queries >> 1] ?? 0 };
}

const folder = await mkdtemp(join(tmpdir(), "bulk-nearest-"));
try {
  let gathered = 0;
  const { seconds } = await bulk({
    source: ids(0, count).map((id) => ({ id })),
    task: { kind: "module", model: join(import.meta.dirname, "made-vectors.ts"), column: "id" },
    sink,
    jobFolder: join(folder, "job"),
    onProgress: ({ phase }) => {
      if (phase === "gathering") gathered ||= performance.now();
    },
  });
  say({ sink, count, seconds: Math.round(seconds), ofWhichFillingAndIndex: Math.round((performance.now() - gathered) / 1000) });

  await init();
  using index = new EmbeddingIndex();
  for (let begin = 0; begin < count; begin += 10_000) index.add(ids(begin, Math.min(10_000, count - begin)).map(vectorOf));
  const exact = await asked(async (vector) => index.search(vector, { topK }).map(({ id }) => Number(id)));
  const near = await asked(async (vector) => (await searchTable(sink, vector, { topK })).map(({ row }) => Number(row["id"])));
  const right = exact.found.map((list, i) => list.filter((id) => near.found[i]?.includes(id)).length);
  const recall = right.reduce((sum, number) => sum + number, 0) / (queries * topK);
  say({ recall, milliseconds: near.milliseconds, exact: { milliseconds: exact.milliseconds, megabytes: Math.round(index.bytes / 1e6) } });
} finally {
  await rm(folder, { recursive: true });
}
