/** What goes in, what comes out, what is bad, and what is asked for in vain. */
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { embedText, SentenceEncoder } from "@x/models-nlp";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bulk, type BulkOptions, type BulkProgress } from "../src/index.ts";
import { packages, textOf, writeEncoder } from "./models.ts";

let folder: string;
const at = (name: string): string => join(folder, name);
const rows = Array.from({ length: 25 }, (_, i) => ({ id: i, text: textOf(i), score: i / 2, good: i % 2 === 0 }));
const letters: BulkOptions["task"] = { kind: "module", model: join(import.meta.dirname, "task.ts") };
const linesIn = async (name: string): Promise<unknown[]> =>
  (await readFile(at(name), "utf8"))
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bulk-"));
  await writeEncoder(at("encoder"));
  await writeFile(at("texts.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
});
afterAll(() => rm(folder, { recursive: true }));

describe("vectors", () => {
  let expected: Float32Array[];
  const run = (sink: string, more: Partial<BulkOptions> = {}, task: Partial<BulkOptions["task"]> = {}) =>
    bulk({
      source: at("texts.jsonl"),
      task: { kind: "embed", model: at("encoder"), ...task },
      sink: at(sink),
      shardSize: 10,
      workers: 1,
      ...more,
    });

  beforeAll(async () => {
    using model = await SentenceEncoder.fromPretrained(at("encoder"));
    expected = await embedText(
      model,
      rows.map(({ text }) => text),
    );
  });
  const near = (found: ArrayLike<number>, row: number): void => {
    for (const [i, value] of (expected[row] ?? []).entries()) expect(found[i]).toBeCloseTo(value, 5);
  };

  test(".parquet: one file, in which the columns of the input stand beside the vectors", async () => {
    expect(await run("vectors.parquet")).toMatchObject({ rows: 25, failed: 0, shards: 3, resumed: 0, workers: 1 });
    const read = await parquetReadObjects({ file: await asyncBufferFromFile(at("vectors.parquet")) });
    expect(
      read.map(({ id, text, score, good }) => ({ id: Number(id), text: text as unknown, score: score as unknown, good: good as unknown })),
    ).toEqual(rows);
    for (const [i, { embedding }] of read.entries()) near(embedding as number[], i);
    expect((await readdir(at("vectors.parquet.job"))).sort()).toEqual(["done.json", "job.json"]);
  });

  test(".npy and .jsonl; chosen columns; int8 keeps directions", async () => {
    await run("vectors.npy");
    const npy = await readFile(at("vectors.npy"));
    const begin = 10 + npy.readUInt16LE(8);
    expect(npy.subarray(10, begin).toString().trim()).toBe("{'descr': '<f4', 'fortran_order': False, 'shape': (25, 16), }");
    const all = new Float32Array(npy.buffer.slice(npy.byteOffset + begin, npy.byteOffset + npy.length));
    for (const i of rows.keys()) near(all.subarray(16 * i, 16 * i + 16), i);

    await run("vectors.jsonl", { columns: ["id"] }, { precision: "int8", into: "vector" });
    for (const [i, row] of (await linesIn("vectors.jsonl")).entries()) {
      expect(Object.keys(row as object)).toEqual(["id", "vector"]);
      const { vector } = row as { readonly vector: readonly number[] };
      const dot = vector.reduce((sum, value, d) => sum + value * (expected[i]?.[d] ?? 0), 0);
      const lengths = Math.hypot(...vector) * Math.hypot(...(expected[i] ?? []));
      expect(dot / lengths).toBeGreaterThan(0.999);
      expect(Math.max(...vector.map(Math.abs))).toBe(127);
    }
  });

  test("a folder of parts; however many models, the same bytes", async () => {
    await run("one/", { format: "jsonl" });
    await run("three/", { format: "jsonl", workers: 3 });
    const parts = ["part-000000.jsonl", "part-000001.jsonl", "part-000002.jsonl"];
    expect(await readdir(at("one"))).toEqual(["done.json", "job.json", ...parts]);
    for (const part of parts) expect(await readFile(at(`three/${part}`))).toEqual(await readFile(at(`one/${part}`)));
  });

  test("texts that are too long go into the errors file, or are cut", async () => {
    const long = { id: 99, text: "whale ".repeat(100) };
    const source = [rows[0] ?? long, long, rows[2] ?? long];
    expect(await run("long.jsonl", { source })).toMatchObject({ rows: 3, failed: 1 });
    expect(await linesIn("long.jsonl")).toMatchObject([{ id: 0 }, { id: 99, embedding: null }, { id: 2 }]);
    expect(await linesIn("long.jsonl.errors.jsonl")).toMatchObject([
      { row: 1, why: expect.stringContaining("64"), item: expect.stringMatching(/^whale /) },
    ]);
    expect(await run("cut.jsonl", { source }, { truncate: true })).toMatchObject({ failed: 0 });
  });

  test("pictures of a folder", async () => {
    await mkdir(at("pictures/more"), { recursive: true });
    const goldens = join(packages, "models-vision/golden/classify");
    await copyFile(join(goldens, "sky.jpg"), at("pictures/more/sky.jpg"));
    await copyFile(join(goldens, "stripes.png"), at("pictures/stripes.png"));
    await writeFile(at("pictures/broken.png"), "broken");
    const task = { kind: "classify", model: join(goldens, "vit") } as const;
    expect(await bulk({ source: at("pictures"), task, sink: at("labels.jsonl"), workers: 1 })).toMatchObject({ rows: 3, failed: 1 });
    expect(await linesIn("labels.jsonl")).toEqual([
      { file: "broken.png", label: null, probability: null },
      { file: "more/sky.jpg", label: "sky", probability: expect.any(Number) },
      { file: "stripes.png", label: "stripes", probability: expect.any(Number) },
    ]);
    await bulk({ source: at("pictures"), task: { ...task, kind: "embed" }, sink: at("seen.npy"), workers: 1 });
    const clip = join(packages, "clip-emoji/model");
    const zeroShot = { kind: "zero-shot", model: clip, labels: ["sky", "dog"], topK: 2 } as const;
    await bulk({ source: at("pictures"), task: zeroShot, sink: at("zero.jsonl"), workers: 1 });
    expect((await linesIn("zero.jsonl"))[1]).toMatchObject({ file: "more/sky.jpg", labels: [{ label: "sky" }, { label: "dog" }] });
    await bulk({ source: at("texts.jsonl"), task: { kind: "embed", model: clip, truncate: true }, sink: at("read.npy"), workers: 1 });
    const npy = await readFile(at("read.npy"));
    expect(npy.toString("latin1", 10, 80)).toContain("(25, ");
  });
});

describe("sources", () => {
  const run = async (name: string, source: BulkOptions["source"], more: Partial<BulkOptions> = {}): Promise<unknown[]> => {
    await bulk({ source, task: letters, sink: at(`${name}.jsonl`), workers: 1, shardSize: 4, ...more });
    return linesIn(`${name}.jsonl`);
  };
  const wanted = [
    { text: "one, two", letters: 8 },
    { text: 'three "3"', letters: 9 },
  ];

  test("CSV, with fields in quotes and rows that are too long", async () => {
    await writeFile(at("in.csv"), '\uFEFFtext,n\n"one, two",1\n"three ""3""",2\nx,y,z\n');
    expect(await run("csv", at("in.csv"), { columns: ["text"] })).toEqual([...wanted, { text: null, letters: null }]);
    expect(await linesIn("csv.jsonl.errors.jsonl")).toMatchObject([{ row: 2, why: expect.stringContaining("fields") }]);
    await writeFile(at("twice.csv"), "text,text\none,two\n");
    await expect(run("twice", at("twice.csv"))).rejects.toThrow('every column has a name of its own, but two are called "text"');
  });

  test("texts, a line each; several files; Parquet", async () => {
    await writeFile(at("a.txt"), "one, two\n");
    await writeFile(at("b.txt"), '\r\nthree "3"');
    expect(await run("txt", [at("a.txt"), at("b.txt")])).toEqual(wanted);
    const columnData = [
      { name: "text", data: ["one, two", 'three "3"'] },
      { name: "n", data: [1n, 2n ** 60n], type: "INT64" as const },
    ];
    await writeFile(at("in.parquet"), new Uint8Array(parquetWriteBuffer({ columnData })));
    expect(await run("parquet", at("in.parquet"))).toEqual([
      { text: "one, two", n: 1, letters: 8 },
      { text: 'three "3"', n: String(2n ** 60n), letters: 9 },
    ]);
  });

  test("Parquet of every compression", async () => {
    for (const name of ["gzip", "zstd", "brotli", "lz4"])
      expect(await run(name, join(import.meta.dirname, `../golden/${name}.parquet`)), name).toEqual(wanted);
  });

  test("whole numbers that are too large for JavaScript's become texts, and digits of texts and fractions stay", async () => {
    const line =
      '{"text":"one, two","id":1152921504606846977,"near":-9007199254740993,"far":[12345678901234567,1],"small":9007199254740991,"real":0.1234567890123456,"big":1e20,"said":"1152921504606846977, \\"12345678901234567\\""}';
    await writeFile(at("beyond.jsonl"), `${line}\n`);
    expect(await run("large", at("beyond.jsonl"))).toEqual([
      {
        text: "one, two",
        id: "1152921504606846977",
        near: "-9007199254740993",
        far: ["12345678901234567", 1],
        small: 9007199254740991,
        real: 0.1234567890123456,
        big: 1e20,
        said: '1152921504606846977, "12345678901234567"',
        letters: 8,
      },
    ]);
  });

  test("rows that come; a line that is no JSON; one that isn't UTF-8", async () => {
    async function* rowsOf(): AsyncGenerator<{ readonly text: string }, void, void> {
      for (const { text } of wanted) yield { text };
    }
    expect(await run("iterable", rowsOf())).toEqual(wanted);
    await writeFile(
      at("no-json.jsonl"),
      Buffer.concat([Buffer.from('{"text": "x"}\nnothing\n{"text": "'), Buffer.from([0xff]), Buffer.from('"}\n[1]\n')]),
    );
    expect(await run("odd", at("no-json.jsonl"))).toEqual([
      { text: "x", letters: 1 },
      ...[1, 2, 3].map(() => ({ text: null, letters: null })),
    ]);
    expect((await linesIn("odd.jsonl.errors.jsonl")).map((failure) => (failure as { readonly row: number }).row)).toEqual([1, 2, 3]);
  });

  test("a column is filled where it is empty", async () => {
    const source = [{ text: "abc", letters: 7 }, { text: "abc", letters: null }, { text: "abc" }];
    const task = { ...letters, into: "letters" };
    expect((await run("filled", source, { task })).map((row) => (row as { readonly letters: number }).letters)).toEqual([7, 3, 3]);
  });
});

test("bad items cost themselves alone; strict ends the run, which goes on when they are mended", async () => {
  const source = rows.map(({ text }, i) => ({ text: i % 10 === 3 ? "bad" : text }));
  const report = await bulk({ source, task: letters, sink: at("some-bad/"), format: "jsonl", shardSize: 10, workers: 2 });
  expect(report).toMatchObject({ rows: 25, failed: 3 });
  expect(await linesIn("some-bad/errors.jsonl")).toEqual([3, 13, 23].map((row) => ({ row, why: '"bad" is no good text', item: "bad" })));
  expect((await readdir(at("some-bad"))).filter((name) => !name.startsWith("part"))).toEqual(["done.json", "errors.jsonl", "job.json"]);
  const strict = bulk({ source, task: letters, sink: at("strict/"), format: "jsonl", strict: true, workers: 1 });
  await expect(strict).rejects.toMatchObject({ of: "BadItemError", message: expect.stringContaining("row 3") });
});

test("progress and the signal", async () => {
  const told: BulkProgress[] = [];
  const controller = new AbortController();
  const source = rows.map((row, i) => (i === 14 ? { ...row, text: "shut" } : row));
  const task = { ...letters, options: { gate: at("gate") } };
  const options = { source, task, sink: at("stopped/"), format: "jsonl", shardSize: 5, workers: 1 } as const;
  const run = bulk({
    ...options,
    signal: controller.signal,
    onProgress: (progress) => {
      told.push(progress);
      if (progress.done >= 10 && progress.phase === "working") controller.abort(new Error("enough"));
    },
  });
  await expect(run).rejects.toThrow("enough");
  await writeFile(at("gate"), "");
  const report = await bulk(options);
  expect(report.shards).toBe(5);
  expect(report.resumed).toBeGreaterThanOrEqual(1);
  const working = told.filter(({ phase }) => phase === "working");
  expect(working.map(({ done }) => done)).toEqual(working.map(({ done }) => done).toSorted((a, b) => a - b));
  expect(working.at(-1)?.secondsLeft).toBeGreaterThan(0);
  expect(await bulk(options)).toMatchObject({ resumed: 5, workers: 0, failed: 0 });
});

test("a job that is done stays done, until its result is taken away", async () => {
  const source = rows.map(({ text }, i) => ({ text: i === 3 ? "bad" : text }));
  for (const sink of ["again.jsonl", "again/"]) {
    const options = { source, task: letters, sink: at(sink), shardSize: 10, workers: 1 };
    expect(await bulk(options)).toMatchObject({ rows: 25, failed: 1, resumed: 0, wasDone: false, workers: 1 });
    expect(await bulk(options)).toMatchObject({ rows: 25, failed: 1, shards: 3, resumed: 3, wasDone: true, workers: 0 });
    await expect(bulk({ ...options, shardSize: 5 })).rejects.toThrow("holds another job");
    // Behind that it is anew, with whatever rows there are by now.
    await rm(sink.endsWith("/") ? at("again/part-000001.parquet") : at(sink));
    expect(await bulk({ ...options, source: source.slice(4, 9), shardSize: 5 })).toMatchObject({ rows: 5, failed: 0, resumed: 0 });
    expect(await bulk({ ...options, source: source.slice(4, 9), shardSize: 5 })).toMatchObject({ failed: 0, resumed: 1 });
  }
  expect((await readdir(at("again"))).sort()).toEqual(["done.json", "job.json", "part-000000.parquet"]);
});

test("what a run left that was killed at its very end goes when it is called again", async () => {
  const options = { source: rows, task: letters, sink: at("tidied.jsonl"), workers: 1 };
  await bulk(options);
  const job = `${options.sink}.job`;
  for (const name of ["part-000000.jsonl", "tidied.jsonl.0a1b.unfinished"]) await writeFile(join(job, name), "");
  expect(await bulk(options)).toMatchObject({ wasDone: true });
  expect((await readdir(job)).sort()).toEqual(["done.json", "job.json"]);
});

test("what can't be is told before any work", async () => {
  const options = { source: rows, task: letters, sink: at("refused/") };
  const refused = async (more: object, message: string): Promise<void> => {
    await expect(bulk({ ...options, ...more })).rejects.toThrow(message);
  };
  await refused({ task: { ...letters, column: "title" } }, "the rows have a column title, but they have id, text, score, good");
  await refused({ source: [] }, "no rows");
  await refused({ source: "nowhere.jsonl" }, "there is no nowhere.jsonl");
  await refused({ source: at("encoder/model.safetensors") }, "a source ends in .jsonl");
  await refused({ sink: at("x.xlsx") }, "or ends in .parquet");
  await refused({ sink: at("texts.jsonl") }, "a sink isn't there yet");
  await refused({ sink: "lancedb:somewhere" }, "a database is named with its table");
  await refused({ sink: at("y.jsonl"), jobFolder: "somewhere" }, "which jobFolder is for");
  await refused({ task: { ...letters, kind: "embedd" } }, 'kind must be one of "embed"');
  await refused({ task: { kind: "zero-shot", model: "x" } }, "needs labels");
  await refused({ sinks: "x" }, "is sink meant?");
  await bulk({ ...options, sink: at("mine/"), workers: 1 });
  await refused({ sink: at("mine/"), task: { ...letters, batchSize: 3 } }, "holds another job");
});
