/** Sources that are damaged, or something else: an error that says so, or a bad row, never another library's error. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { ArgumentError, XError } from "@x/layers";
import { type ColumnMetaData, parquetMetadata, type RowGroup } from "hyparquet";
import { ByteWriter, ParquetWriter, parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bulk } from "../src/index.ts";
import { files } from "../src/job.ts";
import { makePlan, manifestIn, readShard } from "../src/plan.ts";
import { BadItem } from "../src/row.ts";
import { openSource } from "../src/source/open-source.ts";
import { folderStorage } from "../src/storage/folder-storage.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sources-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function rowsOf(name: string, content: Uint8Array | string): Promise<unknown[]> {
  await writeFile(join(folder, name), content);
  const rows: unknown[] = [];
  for await (const row of (await openSource(join(folder, name))).rows) rows.push(row);
  return rows;
}

test.each([
  ["a.parquet", "something else altogether"],
  ["b.parquet", "PAR1"],
  ["c.parquet", ""],
  ["d.arrow", "ARROW1\0\0and then nothing that could be one"],
  ["e.csv", ""],
])("%s, damaged", async (name, content) => {
  const told = await rowsOf(name, content).catch((error: unknown) => error);
  if (!Array.isArray(told)) expect(told).toBeInstanceOf(ArgumentError);
  else expect(told).toEqual([]);
  if (name.endsWith(".parquet")) expect(String(told)).toContain("its rows can be read, but they can't");
});

test("Parquet that says of its columns what isn't so is refused before they are read", async () => {
  const whole = new Uint8Array(
    parquetWriteBuffer({ columnData: [{ name: "text", data: Array.from({ length: 300 }, (_, i) => `text ${i}`) }] }),
  );
  const { row_groups, ...rest } = parquetMetadata(whole.slice().buffer);
  const length = rest.metadata_length;
  const told = async (change: (group: RowGroup) => void): Promise<unknown> => {
    const [group] = structuredClone(row_groups);
    if (!group) throw new Error("it has rows");
    change(group);
    const writer = new ParquetWriter({ writer: new ByteWriter(), schema: rest.schema });
    writer.writer.getBytes();
    writer.row_groups.push(group);
    writer.num_rows = group.num_rows;
    await writer.finish();
    const footer = writer.writer.getBytes();
    return rowsOf("lies.parquet", Buffer.concat([whole.subarray(0, whole.length - 8 - length), footer.subarray(4)])).catch(
      (error: unknown) => error,
    );
  };
  expect(await told(() => {})).toHaveLength(300);
  const first = (group: RowGroup): ColumnMetaData => {
    const meta = group.columns[0]?.meta_data;
    if (!meta) throw new Error("it has a column");
    return meta;
  };
  for (const lie of [
    (group: RowGroup) => void (group.num_rows = 10n ** 15n),
    (group: RowGroup) => void (first(group).total_compressed_size = 10n ** 12n),
    (group: RowGroup) => void (first(group).total_compressed_size = -5n),
    (group: RowGroup) => void (first(group).data_page_offset = 10n ** 9n),
  ])
    expect(String(await told(lie))).toContain("text hasn't; it is damaged");
});

test("a folder below one that takes none is refused, and not tried for ever", async () => {
  const place = process.platform === "linux" ? "/proc/bulk/some" : join(folder, "file/some");
  await writeFile(join(folder, "file"), "");
  await expect(folderStorage(place).write("a", new Uint8Array())).rejects.toThrow(/ENOENT|ENOTDIR/);
  await expect(folderStorage(join(folder, "file/some")).write("a", new Uint8Array())).rejects.toThrow(/ENOTDIR|EEXIST/);
});

test("a row that is nested too deeply is a bad row", async () => {
  const nested = (depth: number): string => `{"text":"a","x":${"[".repeat(depth)}${"]".repeat(depth)}}\n`;
  await writeFile(join(folder, "deep.jsonl"), `${nested(99)}${nested(100)}${nested(100_000)}`);
  const storage = folderStorage(join(folder, "job"));
  const source = join(folder, "deep.jsonl");
  await makePlan(storage, { source, format: "jsonl", asked: null, columns: ["text", "x"], task: { kind: "embed", model: "m" } });
  const [first, ...others] = await readShard(storage, 0);
  expect(first).toMatchObject({ text: "a" });
  const bad = new BadItem("the row is nested in more than 100 levels");
  expect(others).toEqual([bad, bad]);
});

test("a job's own files, damaged", async () => {
  const storage = folderStorage(join(folder, "damaged"));
  for (const content of ["", "{", "[]", "null", "{}", '{"version":2}', '{"version":1,"task":{},"kept":{},"rows":1.5,"shardSize":1}']) {
    await storage.write(files.manifest, new TextEncoder().encode(content));
    await expect(manifestIn(storage), content).rejects.toBeInstanceOf(XError);
  }
  await storage.write(files.inputOf(0), new TextEncoder().encode('{"text":\n'));
  await expect(readShard(storage, 0)).rejects.toThrow("is damaged");
});

test("what says that a job is done, its parts and its input, damaged: a job tells, and makes anew what is taken away", async () => {
  for (const format of ["jsonl", "npy", "parquet"] as const) {
    const task = { kind: "module", model: join(import.meta.dirname, "vectors.ts") } as const;
    const source = Array.from({ length: 25 }, (_, i) => ({ text: "x".repeat(1 + i) }));
    const options = { source, task, sink: join(folder, `whole.${format}`), shardSize: 10, workers: 1 };
    const job = folderStorage(`${options.sink}.job`);
    const stopped = new AbortController();
    const stop = ({ phase }: { readonly phase: string }): void => (phase === "gathering" ? stopped.abort(new Error("enough")) : undefined);
    await expect(bulk({ ...options, signal: stopped.signal, onProgress: stop })).rejects.toThrow("enough");

    const name = files.partOf(1, { format });
    const part = (await job.read(name)) ?? new Uint8Array();
    for (const damaged of [
      new Uint8Array(),
      part.subarray(0, 40),
      part.subarray(0, -1),
      (await job.read(files.partOf(2, { format }))) ?? part,
    ]) {
      await job.write(name, damaged);
      await expect(bulk(options), format).rejects.toThrow(`${name} is damaged; remove it, and it is made anew`);
    }
    await job.remove(name);
    const input = (await job.read(files.inputOf(1))) ?? new Uint8Array();
    await job.write(files.inputOf(1), input.subarray(0, input.lastIndexOf(10, -2) + 1));
    await expect(bulk(options)).rejects.toThrow("has 10 rows, but it is damaged, and has 9");
    await job.write(files.inputOf(1), input);
    expect(await bulk(options)).toMatchObject({ rows: 25, resumed: 2 });

    for (const content of ["", "{", "[]", "{}", '{"failed":"none"}']) {
      await job.write(files.done, new TextEncoder().encode(content));
      await expect(bulk(options), content).rejects.toBeInstanceOf(XError);
    }
  }
});
