/** From a source to shards: rows in files of their own, which the work then begins from. */
import { ArgumentError } from "@x/layers";
import { isJsonObject, type Json, parseJson } from "@x/layers/model";
import { ColumnTypes } from "./columns.ts";
import { files, type Layout, type Manifest, type TaskOptions } from "./job.ts";
import { BadItem, type Row } from "./row.ts";
import { openSource, type SourceLocation } from "./source/open-source.ts";
import { bytesOf, type Storage, text } from "./storage/storage.ts";

export interface Plan extends Pick<Manifest, "format" | "asked">, Layout {
  readonly source: SourceLocation | readonly string[];
  readonly task: TaskOptions;
  readonly signal?: AbortSignal | undefined;
  readonly onRead?: ((rows: number) => void) | undefined;
}

/** The manifest of a job that was begun; undefined where none was. @throws CheckpointError, and ArgumentError, when it is damaged */
export async function manifestIn(storage: Storage): Promise<Manifest | undefined> {
  const bytes = await storage.read(files.manifest);
  if (!bytes) return undefined;
  const manifest: Partial<Manifest> = parseJson(text(bytes), files.manifest, { label: storage.location });
  const isWhole = manifest.version === 1 && manifest.task !== undefined && manifest.kept !== undefined && manifest.format !== undefined;
  if (isWhole && Number.isInteger(manifest.rows) && Number.isInteger(manifest.shardSize) && Number(manifest.shardSize) > 0)
    return manifest as Manifest;
  throw new ArgumentError(storage.location, `${files.manifest} is a job's of this version`, "it is something else");
}

/**
 * Reads the source to its end, and writes shards of its rows and, last of all, the manifest: what was killed before that begins anew. Behind it the source isn't
 * needed any more, so that it may change, be a stream, or be where others don't reach.
 * @throws ArgumentError when there are no rows, or the task's column isn't there
 */
export async function makePlan(storage: Storage, plan: Plan): Promise<Manifest> {
  const { source, task, format, asked, columns, shardSize = 2000, strict = false, signal, onRead } = plan;
  const sources = areNames(source) ? source : [source];
  const types = new ColumnTypes();
  const wanted = columns && [...columns, task.into ?? [], task.column ?? ["file", "text"]].flat();
  let [rows, base]: [number, string | undefined] = [0, undefined];
  let shard: string[] = [];
  const write = async (): Promise<void> => {
    await storage.write(files.inputOf(Math.ceil(rows / shardSize) - 1), bytesOf(shard.join("")));
    shard = [];
    onRead?.(rows);
  };
  for (const one of sources) {
    const opened = await openSource(one, wanted);
    base ??= opened.base;
    if (base !== opened.base && sources.length > 1 && types.names.includes("file"))
      throw new ArgumentError("bulk", "sources that name pictures lie in one folder", `these lie in ${base} and ${opened.base}`);
    for await (const row of opened.rows) {
      signal?.throwIfAborted();
      if (!(row instanceof BadItem)) types.add(row);
      shard.push(lineOf(row, wanted));
      if (++rows % shardSize === 0) await write();
    }
  }
  if (shard.length > 0) await write();
  if (rows === 0) throw new ArgumentError("bulk", "there is something to work on", "the source has no rows");
  const column = task.column ?? (types.names.includes("file") ? "file" : "text");
  const missing = [column, ...(columns ?? [])].find((name) => !types.names.includes(name));
  if (missing !== undefined)
    throw new ArgumentError("bulk", `the rows have a column ${missing}`, `they have ${types.names.join(", ") || "none"}`);
  const kept = types.of(columns ?? types.names);
  const manifest: Manifest = { version: 1, asked, task: { ...task, column }, kept, format, rows, shardSize, base: base ?? "", strict };
  await storage.write(files.manifest, bytesOf(`${JSON.stringify(manifest, undefined, 2)}\n`));
  return manifest;
}

/** Several files; else it is one source. */
export const areNames = (source: Plan["source"]): source is readonly string[] =>
  Array.isArray(source) && source.length > 0 && source.every((one) => typeof one === "string");

/** A row as a line of a shard; a bad one as the reason, a string. */
function lineOf(row: Row | BadItem, wanted: readonly string[] | undefined): string {
  const value: Json =
    row instanceof BadItem
      ? row.why
      : wanted
        ? Object.fromEntries(wanted.flatMap((name) => (name in row ? [[name, row[name] ?? null]] : [])))
        : row;
  return `${JSON.stringify(value)}\n`;
}

/** The rows of a shard, as `makePlan` wrote them. */
export async function readShard(storage: Storage, shard: number): Promise<(Row | BadItem)[]> {
  const bytes = await storage.read(files.inputOf(shard));
  if (!bytes) throw new ArgumentError("bulk", "a job's input lies beside it until it is done", `${files.inputOf(shard)} is missing`);
  const lines = text(bytes).split("\n").slice(0, -1);
  return lines.map((line) => {
    const value = jsonIn(line, files.inputOf(shard));
    return typeof value === "string" ? new BadItem(value) : value;
  });
}

function jsonIn(line: string, file: string): Row | string {
  try {
    const value: Json = JSON.parse(line);
    if (typeof value === "string" || isJsonObject(value)) return value;
  } catch {
    // it is told below
  }
  throw new ArgumentError("bulk", "a job's input is as it was written", `${file} is damaged: ${line.slice(0, 60)}`);
}
