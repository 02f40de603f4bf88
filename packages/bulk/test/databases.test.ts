/** Rows from Arrow's files and from Postgres. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DateDay,
  Decimal,
  Dictionary,
  Field,
  Int32,
  Int64,
  List,
  Struct,
  Table,
  tableFromArrays,
  tableToIPC,
  TimestampMillisecond,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
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

test("Arrow's times, decimals, lists and records, as JSON says them", async () => {
  const [day, list] = [new DateDay(), new List(new Field("item", new Int32(), true))];
  const columns = {
    text: vectorFromArray(["a"], new Utf8()),
    day: vectorFromArray([new Date("2024-03-01")], day),
    moment: vectorFromArray([new Date("2024-03-01T12:00:00Z")], new TimestampMillisecond()),
    price: vectorFromArray([Uint32Array.of(2 ** 32 - 250, 2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1)], new Decimal(2, 10, 128)),
    tags: vectorFromArray([[1, null, 3]], list),
    record: vectorFromArray(
      [{ when: new Date("2024-03-01"), name: "b" }],
      new Struct([new Field("when", day, true), new Field("name", new Utf8(), true)]),
    ),
    kind: vectorFromArray(["c"], new Dictionary(new Utf8(), new Int32())),
    large: vectorFromArray([2n ** 60n], new Int64()),
  };
  await writeFile(join(folder, "types.arrow"), tableToIPC(new Table(columns), "file"));
  const midnight = "2024-03-01T00:00:00.000Z";
  expect(await resultOf("types", join(folder, "types.arrow"))).toEqual([
    {
      text: "a",
      day: midnight,
      moment: "2024-03-01T12:00:00.000Z",
      price: -2.5,
      tags: [1, null, 3],
      record: { when: midnight, name: "b" },
      kind: "c",
      large: String(2n ** 60n),
      letters: 1,
    },
  ]);
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
      { id: 1, text: "xx", letters: 2 },
      { id: 12000, text: "xxxx", letters: 4 },
    ]);
    await expect(resultOf("wrong", `${server.url} select nothing from nowhere`)).rejects.toThrow("nowhere");
  },
);
