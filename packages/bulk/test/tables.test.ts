/** Results in LanceDB and in Postgres with pgvector, the nearest in them, and runs that end half-way. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { connect } from "@lancedb/lancedb";
import { tableFromIPC } from "apache-arrow";
import { parquetMetadata } from "hyparquet";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bulk, type BulkOptions, searchTable } from "../src/index.ts";
import { openTable } from "../src/whole/open-table.ts";
import type { Manifest } from "../src/job.ts";
import { sinkOf, tableOf } from "../src/sink.ts";
import { wholeOf } from "../src/whole/whole-of.ts";
import { textOf, writeEncoder } from "./models.ts";
import { freePort } from "./servers.ts";

let folder: string;
let postgres: string;
const ends: (() => Promise<unknown>)[] = [];
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bulk-tables-"));
  ends.push(() => rm(folder, { recursive: true }));
  await writeEncoder(at("encoder"));
  const database = await PGlite.create({ extensions: { vector } });
  const port = await freePort();
  const server = new PGLiteSocketServer({ db: database, port, host: "127.0.0.1", maxConnections: 10 });
  await server.start();
  postgres = `postgres://postgres@127.0.0.1:${port}/postgres`;
  ends.push(
    () => database.close(),
    () => server.stop(),
  );
});
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

const rows = Array.from({ length: 25 }, (_, i) => ({
  id: i,
  text: i === 7 ? "whale ".repeat(99) : textOf(i),
  score: i / 2,
  good: i % 2 === 0,
  tags: ["a", i],
}));
const job = (sink: string, more: Partial<BulkOptions> = {}): BulkOptions => ({
  source: rows,
  task: { kind: "embed", model: at("encoder") },
  sink,
  jobFolder: at(`${sink.split("#").at(-1)}.job`),
  shardSize: 10,
  workers: 1,
  ...more,
});

/** All rows of a table, in their order. */
async function rowsIn(sink: string): Promise<Record<string, unknown>[]> {
  const address = tableOf(sink);
  if (address?.store === "lancedb") {
    const table = await (await connect(address.database)).openTable(address.name);
    const found = (await table.query().toArray()) as { toJSON(): Record<string, unknown> }[];
    return found.map((row) => row.toJSON()).sort((a, b) => Number(a["source_row"]) - Number(b["source_row"]));
  }
  const client = new pg.Client(address?.database);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(`select * from ${address?.name} order by source_row`)).rows;
  } finally {
    await client.end();
  }
}

const vectorOf = (value: unknown): number[] => (typeof value === "string" ? (JSON.parse(value) as number[]) : [...(value as number[])]);

describe.each([
  ["LanceDB", () => `lancedb:${at("some.lancedb")}`],
  ["pgvector", () => postgres],
])("%s", (_, database) => {
  test("rows, in which the columns of the input stand beside the vectors; the nearest; a job that is done stays done", async () => {
    const sink = `${database()}#texts`;
    expect(await bulk(job(sink))).toMatchObject({ rows: 25, failed: 1, shards: 3, resumed: 0 });
    await bulk(job(at("expected.jsonl"), { jobFolder: undefined }));
    const expected = (await readFile(at("expected.jsonl"), "utf8"))
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as { readonly embedding: number[] | null });
    const found = await rowsIn(sink);
    expect(
      found.map(({ source_row, id, text, score, good, tags }) => ({ at: Number(source_row), id: Number(id), text, score, good, tags })),
    ).toEqual(rows.map((row, i) => ({ ...row, at: i, tags: JSON.stringify(row.tags) })));
    for (const [i, { embedding }] of found.entries()) {
      if (i === 7) expect(embedding).toBeNull();
      else for (const [d, value] of vectorOf(embedding).entries()) expect(value).toBeCloseTo(expected[i]?.embedding?.[d] ?? NaN, 6);
    }
    const [nearest, second] = await searchTable(sink, Float32Array.from(expected[12]?.embedding ?? []), { topK: 2 });
    const { tags, ...row } = rows[12] ?? {};
    expect(nearest).toEqual({ score: expect.closeTo(1, 4), row: { ...row, tags: JSON.stringify(tags), source_row: 12 } });
    expect(second?.score).toBeLessThan(1);
    expect(await bulk(job(sink))).toMatchObject({ rows: 25, failed: 1, resumed: 3, workers: 0 });
    expect(await rowsIn(sink)).toHaveLength(25);
    await expect(bulk(job(sink, { jobFolder: at("another") }))).rejects.toThrow("a sink isn't there yet");
  });

  test("ended behind any shard, or told of one twice, it has every row once", async () => {
    const sink = `${database()}#ended`;
    await bulk(job(at("parts/"), { jobFolder: undefined }));
    const manifest = JSON.parse(await readFile(at("parts/job.json"), "utf8")) as Manifest;
    const whole = wholeOf(sinkOf(sink, undefined));
    const read: number[] = [];
    // Each run ends behind the shard that it is told of.
    const partsUntil = (last: number) =>
      async function* (first: number): AsyncGenerator<Uint8Array, void, void> {
        for (let shard = first; shard < 3; shard++) {
          read.push(shard);
          yield readFile(at(`parts/part-00000${shard}.parquet`));
          if (shard === last) throw new Error("enough");
        }
      };
    for (const last of [0, 1]) {
      await expect(whole?.make(partsUntil(last), manifest)).rejects.toThrow("enough");
      expect(await whole?.isWhole(manifest)).toBe(false);
      expect(await rowsIn(sink)).toHaveLength(10 * (last + 1));
    }
    await whole?.make(partsUntil(3), manifest);
    expect(read).toEqual([0, 1, 2]);
    expect(await whole?.isWhole(manifest)).toBe(true);
    const address = tableOf(sink);
    if (!address) throw new Error("it is a table");
    const plain = { source_row: "integer", id: "integer", text: "string", score: "number", good: "boolean", tags: "string" } as const;
    const columns = { ...plain, embedding: { vector: "float32", width: 16 } } as const;
    await using table = await openTable(address);
    await table.create(columns);
    await table.add(
      rows.slice(10, 20).map((row, i) => ({ source_row: 10 + i, ...row, tags: "", embedding: null })),
      columns,
    );
    expect((await rowsIn(sink)).map(({ source_row }) => Number(source_row))).toEqual(rows.map(({ id }) => id));
    expect((await rowsIn(sink))[10]?.["embedding"]).not.toBeNull();
  });

  test("labels alone, and whole numbers as vectors", async () => {
    const labels = `${database()}#labels`;
    const letters = { kind: "module", model: join(import.meta.dirname, "task.ts") } as const;
    await bulk(job(labels, { task: letters, columns: ["id"] }));
    expect((await rowsIn(labels))[3]).toMatchObject({ letters: expect.anything() });
    await expect(searchTable(labels, new Float32Array(16))).rejects.toThrow("no vectors");
    const small = `${database()}#small`;
    await bulk(job(small, { task: { kind: "embed", model: at("encoder"), precision: "int8" } }));
    expect(Math.max(...vectorOf((await rowsIn(small))[0]?.["embedding"]).map(Math.abs))).toBe(127);
  });
});

test("Parquet says that vectors have one length, where Arrow's libraries look for it", async () => {
  for (const precision of ["float32", "int8"] as const) {
    const sink = at(`${precision}.parquet`);
    await bulk(job(sink, { jobFolder: undefined, task: { kind: "embed", model: at("encoder"), precision } }));
    const bytes = await readFile(sink);
    const note = parquetMetadata(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)).key_value_metadata?.[0];
    expect(note?.key).toBe("ARROW:schema");
    const { schema } = tableFromIPC(Buffer.from(note?.value ?? "", "base64"));
    expect(String(schema.fields.at(-1)?.type)).toBe(`FixedSizeList[16]<${precision === "int8" ? "Int8" : "Float32"}>`);
  }
});
