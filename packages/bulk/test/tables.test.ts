/** Results in LanceDB and in Postgres with pgvector, the nearest in them, and runs that end half-way. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { tableFromIPC } from "apache-arrow";
import { parquetMetadata } from "hyparquet";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { bulk, type BulkOptions, searchTable } from "../src/index.ts";
import { openTable } from "../src/whole/open-table.ts";
import type { Manifest } from "../src/job.ts";
import { sinkOf, tableOf } from "../src/sink.ts";
import type { Table } from "../src/whole/table.ts";
import { tableWhole } from "../src/whole/table-whole.ts";
import { wholeOf } from "../src/whole/whole-of.ts";
import { textOf, writeEncoder } from "./models.ts";
import { rowsIn } from "./rows-in.ts";
import { freePort, missing, type Server, startPostgres } from "./servers.ts";

let folder: string;
let postgres: string;
let withVectors: Server | undefined;
const ends: (() => Promise<unknown>)[] = [];
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bulk-tables-"));
  ends.push(() => rm(folder, { recursive: true }));
  await writeEncoder(at("encoder"));
  if (missing.pgvector === undefined) withVectors = await startPostgres();
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
  await withVectors?.[Symbol.asyncDispose]();
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

const vectorOf = (value: unknown): number[] => (typeof value === "string" ? (JSON.parse(value) as number[]) : [...(value as number[])]);

const because = missing.pgvector === undefined ? "" : ` (skipped: ${missing.pgvector})`;

describe.each([
  ["LanceDB", () => `lancedb:${at("some.lancedb")}`, undefined],
  ["pgvector in PGlite", () => postgres, undefined],
  [`pgvector in Postgres${because}`, () => withVectors?.url ?? "", missing.pgvector],
] as const)("%s", (_name, database, isMissing) => {
  beforeEach(({ skip }) => skip(isMissing !== undefined));

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

  test.each(["float32", "int8"] as const)("an index over vectors of %s, some of which are missing", async (precision) => {
    const address = tableOf(`${database()}#indexed_${precision}`);
    if (!address) throw new Error("it is a table");
    const columns = { source_row: "integer", embedding: { vector: precision, width: 16 } } as const;
    const vectors = Array.from({ length: 600 }, (_row, i) =>
      i % 50 === 7 ? null : Array.from({ length: 16 }, (_, d) => Math.round(127 * Math.sin(1 + i * (d + 1)))),
    );
    await using table = await openTable(address);
    await table.create(columns);
    await table.add(
      vectors.map((embedding, i) => ({ source_row: i, embedding })),
      columns,
    );
    expect(await table.vectors()).toBe("embedding");
    expect(await table.isIndexed("embedding")).toBe(false);
    for (const time of [1, 2]) {
      await table.index("embedding");
      expect(await table.isIndexed("embedding"), String(time)).toBe(true);
    }
    for (const i of [0, 100, 599]) {
      const found = await table.nearest(Float32Array.from(vectors[i] ?? []), 5, "embedding");
      expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).toSorted((a, b) => b - a));
      expect(found[0]).toEqual({ score: expect.closeTo(1, 4), row: { source_row: i } });
    }
  });

  test("labels alone, and whole numbers as vectors", async () => {
    const labels = `${database()}#labels`;
    const letters = { kind: "module", model: join(import.meta.dirname, "task.ts") } as const;
    await bulk(job(labels, { task: letters, columns: ["id"] }));
    expect((await rowsIn(labels))[3]).toMatchObject({ letters: expect.anything() });
    await expect(searchTable(labels, new Float32Array(16))).rejects.toThrow("no vectors");
    const small = `${database()}#small`;
    await bulk(job(small, { task: { kind: "embed", model: at("encoder"), precision: "int8" } }));
    const twelfth = vectorOf((await rowsIn(small))[12]?.["embedding"]);
    expect(Math.max(...twelfth.map(Math.abs))).toBe(127);
    expect((await searchTable(small, Float32Array.from(twelfth), { topK: 1 }))[0]).toMatchObject({
      score: expect.closeTo(1, 4),
      row: { id: 12 },
    });
  });
});

test("ended behind the last shard, the next run makes the index", async () => {
  let isIndexed = false;
  const table = {
    count: async () => 100_001,
    vectors: async () => "embedding",
    isIndexed: async () => isIndexed,
    index: async () => void (isIndexed = true),
    [Symbol.asyncDispose]: async () => {},
  };
  const whole = tableWhole(async () => table as Partial<Table> as Table);
  const manifest = { rows: 100_001, shardSize: 2000 } as Manifest;
  const read: number[] = [];
  expect(await whole.isWhole(manifest)).toBe(false);
  const none = (first: number): AsyncGenerator<Uint8Array, void, void> => {
    read.push(first);
    return (async function* () {})();
  };
  await whole.make(none, manifest);
  expect([read, isIndexed, await whole.isWhole(manifest)]).toEqual([[50], true, true]);
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
