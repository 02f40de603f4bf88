/** Rows from Arrow's files and from Postgres. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bulk } from "../src/index.ts";
import { missing, startPostgres } from "./servers.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bulk-databases-"));
});
afterAll(() => rm(folder, { recursive: true }));

const task = { kind: "module", model: join(import.meta.dirname, "task.ts") } as const;

async function resultOf(name: string, source: string): Promise<unknown[]> {
  const sink = join(folder, `${name}.jsonl`);
  await bulk({ source, task, sink, workers: 1 });
  return (await readFile(sink, "utf8"))
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown);
}

test("Arrow, as a file and as a stream", async () => {
  const table = tableFromArrays({ text: ["one", "three"], id: Int32Array.of(1, 2) });
  for (const kind of ["file", "stream"] as const) {
    await writeFile(join(folder, `${kind}.arrow`), tableToIPC(table, kind));
    expect(await resultOf(kind, join(folder, `${kind}.arrow`))).toEqual([
      { text: "one", id: 1, letters: 3 },
      { text: "three", id: 2, letters: 5 },
    ]);
  }
});

test.skipIf(missing.postgres)(
  `Postgres${missing.postgres === undefined ? "" : ` (skipped: ${missing.postgres})`}`,
  { timeout: 120_000 },
  async () => {
    await using server = await startPostgres();
    const client = new pg.Client(server.url);
    await client.connect();
    await client.query("create table texts as select i::bigint as id, repeat('x', 1 + i % 9) as text from generate_series(1, 12000) as i");
    await client.end();
    const rows = await resultOf("sql", `${server.url} select id, text from texts order by id`);
    expect(rows).toHaveLength(12_000);
    expect([rows[0], rows.at(-1)]).toEqual([
      { id: "1", text: "xx", letters: 2 },
      { id: "12000", text: "xxxx", letters: 4 },
    ]);
    await expect(resultOf("wrong", `${server.url} select nothing from nowhere`)).rejects.toThrow("nowhere");
  },
);
