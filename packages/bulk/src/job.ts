/** What is to be done, as it can be said in JSON: it goes to threads and to other machines. */
import { ArgumentError } from "@x/layers";
import { aFlag, anObject, aText, checkOptions, many, needed, oneOf, type Json, type RulesOf, wholeFrom } from "@x/layers/model";
import type { Columns } from "./row.ts";

export type TaskKind = "embed" | "classify" | "classify-text" | "zero-shot" | "tag" | "translate" | "module";

/** A task with its model. Which of the settings count, depends on the kind. */
export interface TaskOptions {
  /**
   * What is done: vectors of texts or pictures; classes of pictures, or of texts; labels of one's own for pictures; names in texts; translations; or what a
   * module of one's own does (see `Task`).
   */
  readonly kind: TaskKind;
  /** A repository on the hub, a folder or an address; of "module" the module's file, or a package's name. */
  readonly model: string;
  /** The column that holds the texts, or where the pictures are. Default: `file` if there is one, else `text`. */
  readonly column?: string | undefined;
  /** The column that the result goes to. One that is there already is filled where it is empty. Default: as the kind says. */
  readonly into?: string | undefined;
  /** Whether texts that are too long are cut, instead of going into the errors file. Default false. */
  readonly truncate?: boolean | undefined;
  /** Put before each text that is embedded. Default: what the model's files say. */
  readonly prompt?: string | undefined;
  /** How the numbers of vectors are kept: "int8" takes a quarter of the room; cosines stay right within some 0.01. Default "float32". */
  readonly precision?: "float32" | "int8" | undefined;
  /** How many classes are told: of one, `label` and `probability`; of more, a list `labels`. Default 1. */
  readonly topK?: number | undefined;
  /** Of "zero-shot". */
  readonly labels?: readonly string[] | undefined;
  /** Of "zero-shot": see `zeroShot`. */
  readonly templates?: readonly string[] | undefined;
  /** Of "translate", and models of many languages. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** int8: linear layers in a quarter of the memory. Default "float32". */
  readonly dtype?: "float32" | "int8" | undefined;
  /** How many items go through the model together. Default 8. */
  readonly batchSize?: number | undefined;
  /** The build of the kernels: "plain" gives the same bits on every machine. "relaxed" may be faster, but other machines round otherwise. Default "plain". */
  readonly simd?: "plain" | "relaxed" | undefined;
  /** Of "module": what it is called with. */
  readonly options?: Readonly<Record<string, Json>> | undefined;
}

const kinds = ["embed", "classify", "classify-text", "zero-shot", "tag", "translate", "module"] as const satisfies readonly TaskKind[];
const aPrecision = oneOf("float32", "int8");

const taskRules: RulesOf<TaskOptions> = {
  kind: needed(oneOf(...kinds)),
  model: needed(aText),
  column: aText,
  into: aText,
  truncate: aFlag,
  prompt: aText,
  precision: aPrecision,
  topK: wholeFrom(1),
  labels: many(aText),
  templates: many(aText),
  from: aText,
  to: aText,
  dtype: aPrecision,
  batchSize: wholeFrom(1),
  simd: oneOf("plain", "relaxed"),
  options: anObject,
};

/** @throws ArgumentError naming what is wrong */
export function checkTask(task: TaskOptions): void {
  checkOptions("bulk", task, taskRules);
  if (task.kind === "zero-shot" && !task.labels?.length) throw new ArgumentError("bulk", "zero-shot needs labels", "there are none");
}

export type Format = "parquet" | "jsonl" | "npy";

/** What a job's folder says of it: fixed before the work begins, and the same for all who work on it. */
export interface Manifest {
  readonly version: 1;
  /** What was asked for, to know it again. */
  readonly asked: Json;
  readonly task: TaskOptions & { readonly column: string };
  /** Columns of the input that are kept. */
  readonly kept: Columns;
  readonly format: Format;
  readonly rows: number;
  /** Every shard has so many rows but the last, which may have fewer. */
  readonly shardSize: number;
  /** What relative names of pictures start from. */
  readonly base: string;
  /** Whether a bad item ends the job. */
  readonly strict: boolean;
}

/** What is asked for beside source, task and sink. */
export interface Layout {
  readonly columns?: readonly string[] | undefined;
  readonly shardSize?: number | undefined;
  readonly strict?: boolean | undefined;
}

export const numShards = ({ rows, shardSize }: Manifest): number => Math.ceil(rows / shardSize);

export const rowsOf = ({ rows, shardSize }: Manifest, shard: number): number => Math.min(shardSize, rows - shard * shardSize);

const numbered = (shard: number): string => String(shard).padStart(6, "0");

/** Names of a job's files. */
export const files = {
  manifest: "job.json",
  done: "done.json",
  input: "input",
  errors: "errors",
  allErrors: "errors.jsonl",
  inputOf: (shard: number): string => `input/${numbered(shard)}.jsonl`,
  errorsOf: (shard: number): string => `errors/${numbered(shard)}.jsonl`,
  partOf: (shard: number, { format }: Pick<Manifest, "format">): string => `part-${numbered(shard)}.${format}`,
} as const;
