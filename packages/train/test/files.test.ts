/** Datasets from files: lines of JSON, tables, Parquet, folders of images. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readCsv } from "../src/csv.ts";
import { imageFolder, init, jsonLines, readJsonLines } from "../src/index.ts";
import { readParquet } from "../src/parquet.ts";

let folder: string;
beforeAll(async () => {
  await init();
  folder = await mkdtemp(join(tmpdir(), "files-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("lines of JSON: a path, bytes, a Blob; walked through twice; longer than a chunk", async () => {
  const rows = Array.from({ length: 30_000 }, (_, i) => ({ text: `Zeile ${i} — “ä”`, label: i % 2 }));
  const text = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  const path = join(folder, "rows.jsonl");
  await writeFile(path, text);
  expect(await readJsonLines(path)).toEqual(rows);
  expect(await readJsonLines(new Blob([text]))).toEqual(rows);
  expect(await readJsonLines(new TextEncoder().encode(text.trimEnd()))).toEqual(rows);
  const lines = jsonLines<{ readonly label: number }>(path);
  for (let time = 0; time < 2; time++) {
    let count = 0;
    for await (const { label } of lines) count += label;
    expect(count).toBe(15_000);
  }
  for (const line of ["{", "[1]", "3", "null"])
    await expect(readJsonLines(new Blob([`{"a": 1}\r\n\r\n${line}\n`]))).rejects.toThrow(
      `every line is a JSON object, but line 3 is ${line}`,
    );
  await expect(readJsonLines(folder)).rejects.toThrow("a file is needed");
});

test("tables: quotes, separators, a byte order mark", async () => {
  expect(await readCsv(new Blob(['\uFEFFtext,label\n"a, ""b""\nc",1\n\nd,2\n']))).toEqual([
    { text: 'a, "b"\nc', label: "1" },
    { text: "d", label: "2" },
  ]);
  expect(await readCsv(new Blob(["text\tlabel\na,b\tx\n"]), { delimiter: "\t" })).toEqual([{ text: "a,b", label: "x" }]);
  expect(await readCsv(new Blob(["text\na\n"]))).toEqual([{ text: "a" }]);
  await expect(readCsv(new Blob(["text,label\na,b\nc\n"]))).rejects.toThrow(
    "every row has the 2 fields of the first line, but row 2 has 1",
  );
  await expect(readCsv(new Blob(["text,text\na,b\n"]))).rejects.toThrow('every column has a name of its own, but two are called "text"');
  await expect(readCsv(new Blob(['text,label\n"a,b\n']))).rejects.toThrow("every quote is closed, but row 1: Quoted field unterminated");
});

test("Parquet, as pyarrow writes it", async () => {
  const path = new URL("../golden/rows.parquet", import.meta.url);
  expect(await readParquet(path)).toEqual([
    { text: "good", label: 1n, score: 0.5 },
    { text: "bad ä", label: 0n, score: null },
  ]);
  expect(await readParquet(await readFile(path).then((bytes) => new Uint8Array(bytes)), { columns: ["text"] })).toEqual([
    { text: "good" },
    { text: "bad ä" },
  ]);
});

test("images by class", async () => {
  for (const file of ["dog/b.png", "dog/a.JPG", "cat/1.webp", "cat/notes.txt", "top.png"]) {
    await mkdir(join(folder, "images", file, ".."), { recursive: true });
    await writeFile(join(folder, "images", file), file);
  }
  expect(await imageFolder(join(folder, "images"))).toEqual({
    examples: [
      { image: join(folder, "images/cat/1.webp"), label: "cat" },
      { image: join(folder, "images/dog/a.JPG"), label: "dog" },
      { image: join(folder, "images/dog/b.png"), label: "dog" },
    ],
    labels: ["cat", "dog"],
  });
  await expect(imageFolder(join(folder, "images/cat"))).rejects.toThrow("imageFolder: a folder of folders with images");
});

test("images by class, in a folder that the user opened", async () => {
  const file = (name: string) => ({ kind: "file", name, getFile: async () => new Blob([name]) });
  const open = (entries: Readonly<Record<string, object>>) => ({
    kind: "directory",
    async *entries() {
      yield* Object.entries(entries);
    },
  });
  const handle = open({
    "top.png": file("top.png"),
    dog: open({ "a.png": file("a.png"), deeper: open({}) }),
    cat: open({ "b.gif": file("b.gif") }),
  });
  const { examples, labels } = await imageFolder(handle as unknown as FileSystemDirectoryHandle);
  expect(labels).toEqual(["cat", "dog"]);
  const [first] = examples;
  expect(typeof first?.image === "object" && new TextDecoder().decode(await first.image.arrayBuffer())).toBe("b.gif");
});

test("files that are damaged, or something else, are refused in words", async () => {
  const parquet = new Uint8Array(await readFile(new URL("../golden/rows.parquet", import.meta.url)));
  const cut = [0, 4, 11, 100, parquet.length - 9, parquet.length - 1].map((length) => parquet.slice(0, length));
  for (const bytes of [...cut, new TextEncoder().encode("PAR1 but only at its beginning")])
    await expect(readParquet(bytes), `${bytes.length} bytes`).rejects.toThrow(/this is a whole Parquet file, but it can't be read: /);
  await expect(readJsonLines(new Uint8Array([0x7b, 0x7d, 10, 0x7b, 0xff, 0x7d]))).rejects.toThrow("texts are UTF-8, but line 2 isn't");
  await expect(readJsonLines(new Blob(["{}\n", new Uint8Array(2 ** 26 + 1).fill(0x61)]))).rejects.toThrow(
    "a line has at most 67108864 characters, but line 2 has more",
  );
});
