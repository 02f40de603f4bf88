/** One shard: read, dealt with, written. */
import { ArgumentError, XError } from "@x/layers";
import type { Json } from "@x/layers/model";
import { files, type Manifest, rowsOf } from "./job.ts";
import { encodePart } from "./part/encode.ts";
import { readShard } from "./plan.ts";
import { BadItem, type Cells, type Failure, type Row } from "./row.ts";
import { bytesOf, type Storage } from "./storage/storage.ts";
import { runEach } from "./task/isolated.ts";
import type { Task } from "./task/task.ts";

/** An item is bad, and the job is strict. */
export class BadItemError extends XError {
  override readonly name = "BadItemError";
}

/**
 * Writes a shard's errors, if there are any, and then its part of the result: once that is there, both are. It is a function of the shard alone, so that doing it
 * twice does no harm.
 * @throws BadItemError when the job is strict
 * @throws ArgumentError when its input is damaged
 */
export async function workOn(
  storage: Storage,
  manifest: Manifest,
  shard: number,
  task: Task,
  onDone: (items: number) => void,
): Promise<void> {
  const rows = await readShard(storage, shard);
  if (rows.length !== rowsOf(manifest, shard))
    throw new ArgumentError("bulk", `${files.inputOf(shard)} has ${rowsOf(manifest, shard)} rows`, `it is damaged, and has ${rows.length}`);
  const results = await resultsOf(rows, manifest, task, onDone);
  const failures: Failure[] = [];
  for (const [i, result] of results.entries()) {
    if (!(result instanceof BadItem)) continue;
    const failure = { row: shard * manifest.shardSize + i, why: result.why, item: itemOf(rows[i], manifest) };
    if (manifest.strict) throw new BadItemError(`row ${failure.row}: ${failure.why}`);
    failures.push(failure);
  }
  const lines = failures.map((failure) => `${JSON.stringify(failure)}\n`);
  if (lines.length > 0) await storage.write(files.errorsOf(shard), bytesOf(lines.join("")));
  await storage.write(files.partOf(shard, manifest), await encodePart(manifest, task.columns, rows.map(rowOf), results.map(cellsOf)));
}

/** Rows that have their result already keep it; of the rest a result each. */
async function resultsOf(
  rows: readonly (Row | BadItem)[],
  { task: { column, into } }: Manifest,
  task: Task,
  onDone: (items: number) => void,
): Promise<(Cells | BadItem)[]> {
  const isOpen = (row: Row | BadItem): row is Row => !(row instanceof BadItem) && (into === undefined || isEmpty(row[into]));
  const open = rows.filter(isOpen);
  const found = await runEach(
    task,
    open.map((row) => row[column] ?? null),
    onDone,
  );
  onDone(rows.length);
  let next = 0;
  return rows.map((row) =>
    row instanceof BadItem ? row : isOpen(row) ? (found[next++] ?? {}) : { [into ?? ""]: row[into ?? ""] ?? null },
  );
}

const isEmpty = (value: Json | undefined): boolean => value === undefined || value === null || value === "";

const itemOf = (row: Row | BadItem | undefined, { task }: Manifest): Json => {
  const item = row === undefined || row instanceof BadItem ? null : (row[task.column] ?? null);
  return typeof item === "string" && item.length > 200 ? `${item.slice(0, 200)}…` : item;
};

const rowOf = (row: Row | BadItem): Row => (row instanceof BadItem ? {} : row);

const cellsOf = (result: Cells | BadItem): Cells => (result instanceof BadItem ? {} : result);
