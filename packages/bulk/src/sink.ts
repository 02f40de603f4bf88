/** Where a result goes, by its name. */
import { basename, resolve } from "node:path";
import { ArgumentError } from "@x/layers";
import type { Format } from "./job.ts";

export interface Sink {
  /** Of the parts. */
  readonly format: Format;
  /** Where the parts are. */
  readonly location: string;
  /** The one file, or the table, that they become at the end; without either they stay what they are. */
  readonly file?: string | undefined;
  readonly table?: TableAddress | undefined;
}

/** A table of LanceDB or Postgres. */
export interface TableAddress {
  readonly store: "lancedb" | "postgres";
  readonly database: string;
  readonly name: string;
}

const formats: Readonly<Record<string, Format>> = { parquet: "parquet", jsonl: "jsonl", ndjson: "jsonl", npy: "npy" };

/**
 * @param sink a file (`.parquet`, `.jsonl`, `.npy`), a table (see `tableOf`), or a folder (with "/" at its end, or no ending at all; also `s3://bucket/prefix`), in which the parts stay
 * @param format of a folder's parts. Default "parquet"
 * @param job of a table: where the parts are until they are in it. Default: beside LanceDB's folder, or in the working directory
 */
export function sinkOf(sink: string, format: Format | undefined, job?: string): Sink {
  const table = tableOf(sink);
  if (!table && job !== undefined)
    throw new ArgumentError("bulk", "a job's files lie with its result, but a table's, which jobFolder is for", `${sink} came`);
  if (table) {
    if (format !== undefined) throw new ArgumentError("bulk", "a table has no format", `${format} came`);
    const beside =
      table.store === "lancedb" && !table.database.includes("://") ? `${table.database}.${table.name}.job` : `${table.name}.job`;
    const location = job ?? beside;
    return { format: "parquet", location: location.includes("://") ? location.replace(/\/$/, "") : resolve(location), table };
  }
  if (sink.startsWith("s3://")) {
    if (/\.\w+$/.test(sink))
      throw new ArgumentError("bulk", "in object storage a sink is a folder, in which the result lies in parts", `${sink} came`);
    return { format: format ?? "parquet", location: sink.replace(/\/$/, "") };
  }
  const ending = /\.(\w+)$/.exec(basename(sink))?.[1]?.toLowerCase();
  if (sink.endsWith("/") || ending === undefined) return { format: format ?? "parquet", location: resolve(sink) };
  const known = formats[ending];
  if (known === undefined)
    throw new ArgumentError(
      "bulk",
      `a sink is a folder, a table (lancedb:folder#table, postgres://…#table), or ends in ${Object.keys(formats)
        .map((one) => `.${one}`)
        .join(", ")}`,
      `${sink} came`,
    );
  if (format !== undefined && format !== known)
    throw new ArgumentError("bulk", "a file's ending says its format", `${sink} is to be ${format}`);
  const file = resolve(sink);
  return { format: known, location: `${file}.job`, file };
}

/** `lancedb:folder#table`, `postgres://host/database#table`; undefined of all else. @throws ArgumentError where the table's name is missing */
export function tableOf(place: string): TableAddress | undefined {
  const [, kind, rest = ""] = /^(lancedb:|postgres(?:ql)?:\/\/)(.*)$/.exec(place) ?? [];
  if (kind === undefined) return undefined;
  const [, database, name] = /^(.+)#([\w.]+)$/.exec(rest) ?? [];
  if (database === undefined || name === undefined)
    throw new ArgumentError(
      "bulk",
      "a database is named with its table: lancedb:folder#table, postgres://host/database#table",
      `${place} came`,
    );
  if (kind !== "lancedb:") return { store: "postgres", database: `${kind}${database}`, name };
  return { store: "lancedb", database: database.includes("://") ? database : resolve(database), name };
}
