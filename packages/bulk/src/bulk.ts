import { ArgumentError } from "@x/layers";
import {
  aFlag,
  aFunction,
  aSignal,
  aText,
  checkOptions,
  either,
  many,
  needed,
  oneOf,
  type Json,
  type RulesOf,
  shaped,
  wholeFrom,
} from "@x/layers/model";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { failedOf, forget, gather, openShards, tidy } from "./gather.ts";
import { checkTask, files, type Format, type Layout, type Manifest, numShards, rowsOf, type TaskOptions } from "./job.ts";
import { areNames, makePlan, manifestIn } from "./plan.ts";
import { workHere } from "./pool/work-here.ts";
import { type BulkProgress, Tally } from "./progress.ts";
import { workElsewhere } from "./queue/work-elsewhere.ts";
import { type Sink, sinkOf } from "./sink.ts";
import type { SourceLocation } from "./source/open-source.ts";
import { openStorage } from "./storage/open-storage.ts";
import type { Storage } from "./storage/storage.ts";
import { wholeOf } from "./whole/whole-of.ts";

export interface BulkOptions extends Layout {
  /**
   * Where rows come from: files (JSONL, CSV, TSV, Parquet, texts a line each), a folder of pictures, "-" for standard input, or an iterable of rows. It is read once,
   * at the beginning.
   */
  readonly source: SourceLocation | readonly string[];
  readonly task: TaskOptions;
  /**
   * Where the result goes: a file (`.parquet`, `.jsonl`, `.npy`); a folder, also `s3://bucket/prefix`, in which it lies in parts; or a table, `lancedb:folder#table` or
   * `postgres://host/database#table` (with pgvector), whose column `source_row` says which row of the source a row is.
   */
  readonly sink: string;
  /** Where a table's parts are until they are in it. Default: beside LanceDB's folder; of Postgres, in the working directory. */
  readonly jobFolder?: string | undefined;
  /** Of a folder's parts. Default "parquet". */
  readonly format?: Format | undefined;
  /** Columns of the input that go into the result. Default all. */
  readonly columns?: readonly string[] | undefined;
  /** Rows of a shard, the unit that a killed run loses. Default 2000. */
  readonly shardSize?: number | undefined;
  /** Whether a bad item ends the run, instead of going into the errors file. Default false. */
  readonly strict?: boolean | undefined;
  /** How many models work, each in a thread of its own. Default: as many as there are processors, or one whose kernels take them all, whichever a measurement says is faster. */
  readonly workers?: number | undefined;
  /** How many threads they have together. Default: as many as there are processors. */
  readonly threads?: number | undefined;
  /**
   * Where shards wait for workers on other machines (`bulkWorker`, `x bulk worker`): `redis://…`, also of Valkey, or `postgres://…`. The sink is then a place that all see
   * under the same name. Default: this process works.
   */
  readonly queue?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: BulkProgress) => void) | undefined;
}

export interface BulkReport {
  readonly rows: number;
  /** Items that couldn't be dealt with: the errors file says why. */
  readonly failed: number;
  readonly shards: number;
  /** Shards that were there already. */
  readonly resumed: number;
  /** Whether the job was done before: then nothing was read, and nothing written. */
  readonly wasDone: boolean;
  readonly seconds: number;
  /** How many models worked here, and how many threads each had; 0 where nothing was to do, or others did it. */
  readonly workers: number;
  readonly threads: number;
}

const rules: RulesOf<BulkOptions> = {
  source: needed(either(aText, shaped("files, or rows"))),
  task: needed(shaped("a task: { kind, model, … }", "kind", "model")),
  sink: needed(aText),
  jobFolder: aText,
  format: oneOf("parquet", "jsonl", "npy"),
  columns: many(aText),
  shardSize: wholeFrom(1),
  strict: aFlag,
  workers: wholeFrom(1),
  threads: wholeFrom(1),
  queue: aText,
  signal: aSignal,
  onProgress: aFunction,
};

/**
 * Embeds, classifies, tags or translates however many texts or pictures: a source of rows → shards → a task → a sink. A run that was killed goes on, when it is called
 * again with the same options, behind the last shard that was whole, and its result is that of an undisturbed one, byte for byte, on any number of threads.
 *
 * ```ts
 * await bulk({
 *   source: "products.jsonl",
 *   task: { kind: "embed", model: "sentence-transformers/all-MiniLM-L6-v2", column: "title" },
 *   sink: "vectors.parquet",
 *   onProgress: ({ done, total, rate, secondsLeft }) => console.log(done, total, rate, secondsLeft),
 * });
 * ```
 *
 * @throws ArgumentError when something that is asked for can't be, or the sink holds another job
 * @throws MissingLibraryError when a library is needed that isn't installed
 * @throws BadItemError when `strict` and an item is bad
 * @throws ShardError when workers on other machines couldn't do a shard
 * @throws the signal's reason when aborted
 */
export async function bulk(options: BulkOptions): Promise<BulkReport> {
  checkOptions("bulk", options, rules);
  checkTask(options.task);
  const begun = performance.now();
  const { workers, threads, queue, signal, onProgress = () => {} } = options;
  const sink = sinkOf(options.sink, options.format, options.jobFolder);
  const storage = await openStorage(sink.location);
  const manifest = await begunOrPlanned(storage, sink, options);
  const shards = numShards(manifest);
  const done = await failedOf(storage, manifest, sink);
  if (done !== undefined) {
    await tidy(storage, sink);
    const seconds = secondsSince(begun);
    return { rows: manifest.rows, failed: done, shards, resumed: shards, wasDone: true, seconds, workers: 0, threads: 0 };
  }
  const open = (await wholeOf(sink)?.isWhole(manifest)) === true ? [] : await openShards(storage, manifest);
  const left = open.reduce((sum, shard) => sum + rowsOf(manifest, shard), 0);
  const tally = new Tally(manifest.rows, manifest.rows - left, onProgress);
  let crew = { workers: 0, threads: 0 };
  if (open.length > 0 && queue !== undefined) await workElsewhere(storage, manifest, open, { queue, signal, tally });
  else if (open.length > 0) crew = await workHere(sink.location, manifest, open, { workers, threads, signal, tally });
  onProgress({ phase: "gathering", done: manifest.rows, total: manifest.rows, rate: 0, secondsLeft: undefined });
  const failed = await gather(storage, manifest, sink, signal);
  return { rows: manifest.rows, failed, shards, resumed: shards - open.length, wasDone: false, seconds: secondsSince(begun), ...crew };
}

const secondsSince = (begun: number): number => (performance.now() - begun) / 1000;

/** The job that lies at the sink, if it is the one that is asked for; else a new one. */
async function begunOrPlanned(storage: Storage, sink: Sink, options: BulkOptions): Promise<Manifest> {
  const { source, signal, onProgress } = options;
  const task = { ...options.task, model: await absolute(options.task) };
  const asked = askedOf(options, task);
  const begun = await manifestIn(storage);
  const wasTaken = begun && (await storage.read(files.done)) && (await failedOf(storage, begun, sink)) === undefined;
  if (begun && !wasTaken) {
    if (JSON.stringify(begun.asked) === JSON.stringify(asked)) return begun;
    throw new ArgumentError("bulk", `${options.sink} holds another job; name another place, or remove it`, differences(begun.asked, asked));
  }
  if ((await wholeOf(sink)?.isThere()) === true)
    throw new ArgumentError("bulk", "a sink isn't there yet; name another, or remove it", `${options.sink} is`);
  if (wasTaken) await forget(storage);
  const columns = sink.format === "npy" ? [] : options.columns;
  const onRead = (rows: number): void => onProgress?.({ phase: "reading", done: rows, total: undefined, rate: 0, secondsLeft: undefined });
  return makePlan(storage, {
    source,
    task,
    format: sink.format,
    asked,
    columns,
    shardSize: options.shardSize,
    strict: options.strict,
    signal,
    onRead,
  });
}

/** What makes a job what it is. */
function askedOf({ source, columns, shardSize, strict, format }: BulkOptions, task: TaskOptions): Json {
  const named = typeof source === "string" || areNames(source) ? source : "rows";
  return JSON.parse(JSON.stringify({ source: named, task, columns, shardSize, strict, format })) as Json;
}

function differences(there: Json, asked: Json): string {
  const [a, b] = [there, asked].map((one) => Object.entries(one ?? {}).map(([name, value]) => [name, JSON.stringify(value)] as const));
  const before = new Map(a);
  const names = [...new Set([...(a ?? []), ...(b ?? [])].map(([name]) => name))];
  const now = new Map(b);
  const other = names.find((name) => before.get(name) !== now.get(name)) ?? "";
  return `its ${other} is ${before.get(other) ?? "not given"}`;
}

/** A folder's name as others find it. */
async function absolute({ kind, model }: TaskOptions): Promise<string> {
  const there = await stat(model).catch(() => undefined);
  return there && (kind === "module" || there.isDirectory()) ? resolve(model) : model;
}
