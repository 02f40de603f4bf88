import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import process from "node:process";
import { ArgumentError, XError } from "@x/layers";
import { reasonOf } from "@x/layers/model";
import type { BadItem, Row } from "../row.ts";
import { isS3 } from "../storage/s3.ts";
import { arrowRows } from "./arrow.ts";
import { csvRows } from "./csv.ts";
import { imageRows, objectRows } from "./images.ts";
import { jsonRowOf } from "./json-of.ts";
import { jsonOrTextRows, jsonRows, textRows } from "./lines.ts";
import { parquetRows } from "./parquet.ts";
import type { Source } from "./source.ts";
import { isQuery, sqlRows } from "./sql.ts";

/** Where rows come from: what is named, or any iterable of them. */
export type SourceLocation = string | AsyncIterable<object> | Iterable<object>;

const readers: Readonly<Record<string, (path: string, columns: readonly string[] | undefined) => AsyncIterable<Row | BadItem>>> = {
  jsonl: (path) => jsonRows(createReadStream(path)),
  ndjson: (path) => jsonRows(createReadStream(path)),
  txt: (path) => textRows(createReadStream(path)),
  csv: csvRows,
  tsv: csvRows,
  parquet: parquetRows,
  arrow: arrowRows,
  feather: arrowRows,
};

/**
 * @param where a file (JSONL, CSV, TSV, Parquet, Arrow, or texts, a line each), a folder of pictures, also in object storage (`s3://bucket/prefix`), `postgres://… select …`, "-" for standard input (JSON objects or texts, a line each), or rows
 * @param columns which are needed. Default all
 * @throws ArgumentError when it isn't there, or isn't known by its ending
 */
export async function openSource(where: SourceLocation, columns?: readonly string[]): Promise<Source> {
  if (typeof where !== "string") return { base: process.cwd(), rows: eachOf(where) };
  if (isQuery(where)) return { base: process.cwd(), rows: refusing("the query", sqlRows(where)) };
  if (where === "-") return { base: process.cwd(), rows: jsonOrTextRows(process.stdin) };
  if (isS3(where)) return { base: where.replace(/\/$/, ""), rows: refusing(where, objectRows(where)) };
  const path = resolve(where);
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new ArgumentError("bulk", "the source is a file or a folder of pictures", `there is no ${where}`);
  if (found.isDirectory()) return { base: path, rows: imageRows(path) };
  const read = readers[/\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? ""];
  if (!read)
    throw new ArgumentError(
      "bulk",
      `a source ends in ${Object.keys(readers)
        .map((ending) => `.${ending}`)
        .join(", ")}`,
      `${where} doesn't`,
    );
  return { base: dirname(path), rows: refusing(where, read(path, columns)) };
}

/** What the libraries and the system say of a source, in an error of ours. @throws ArgumentError */
async function* refusing<Item>(where: string, rows: AsyncIterable<Item>): AsyncGenerator<Item, void, void> {
  const iterator = rows[Symbol.asyncIterator]();
  const refused = (cause: unknown): never => {
    if (cause instanceof XError) throw cause;
    throw new ArgumentError(where, "its rows can be read", `they can't: ${reasonOf(cause)}`);
  };
  try {
    for (;;) {
      const { done, value } = await iterator.next().catch(refused);
      if (done === true) return;
      yield value;
    }
  } finally {
    await iterator.return?.();
  }
}

async function* eachOf(rows: AsyncIterable<object> | Iterable<object>): AsyncGenerator<Row, void, void> {
  for await (const row of rows) yield jsonRowOf(row);
}
