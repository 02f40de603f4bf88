import type { BulkProgress, BulkReport, TaskKind, TaskOptions } from "@x/bulk";
import type { Call } from "../call.ts";
import type { CommandSpec } from "../command.ts";
import { bulking, languages, topK, truncate } from "../options.ts";
import { UsageError } from "../usage-error.ts";

const kinds: readonly TaskKind[] = ["embed", "classify", "zero-shot", "classify-text", "tag", "translate", "module"];

export const bulk: CommandSpec = {
  name: "bulk",
  summary: "Deal with a whole collection; a run that was killed goes on where it was",
  inputs: `what is done (${kinds.join(", ")}; or worker, for others' jobs), and where rows come from: JSONL, CSV, TSV, Parquet, Arrow or text files, a folder of pictures, s3://bucket/prefix, or "postgres://… select …"; without any, standard input`,
  options: [...bulking(), topK(1), truncate(), ...languages()],
  example: "x bulk --model sentence-transformers/all-MiniLM-L6-v2 --out vectors.parquet embed products.jsonl",
  hasWorkers: true,
  async run(call) {
    const [kind, ...source] = call.inputs;
    const { out, job, columns, format, strict, shardRows, workers, threads, queue } = call.options;
    if (kind === "worker") return work(call);
    if (out === undefined) throw new UsageError("--out names a file or a folder for the result");
    const { bulk: run } = await import("@x/bulk");
    const report = await run({
      source: source.length === 0 ? "-" : source,
      task: taskOf(kind, call),
      sink: out,
      jobFolder: job,
      format,
      columns,
      strict,
      shardSize: shardRows,
      workers,
      threads,
      queue,
      signal: call.signal,
      onProgress: (progress) => call.show(inWords(progress)),
    });
    if (report.wasDone) call.warn(`${out} was done already; remove it, and it is done anew`);
    else if (report.failed > 0)
      call.fail(out, `${report.failed} of ${report.rows} rows couldn't be dealt with; the errors file beside it says why`);
    await call.tell({ record: report, rows: rowsOf(report) });
  },
};

/** Works on shards of others' jobs until it is interrupted. */
async function work(call: Call): Promise<void> {
  const { queue, workers, threads } = call.options;
  if (queue === undefined) throw new UsageError("worker: --queue says where shards wait");
  const { bulkWorker } = await import("@x/bulk");
  let count = 0;
  await bulkWorker({ queue, workers, threads, signal: call.signal, onShard: () => call.show(`${++count} shards done`) });
}

function taskOf(kind: string | undefined, { options }: Call): TaskOptions {
  const known = kinds.find((one) => one === kind);
  if (!known) throw new UsageError(`what is to be done? ${kinds.join(", ")} are there${kind === undefined ? "" : `, but no ${kind}`}`);
  const { model, column, into, labels, prompt, from, to, batchSize } = options;
  if (model === undefined) throw new UsageError("--model names a model");
  const asTheyAre = { model, column, into, labels, prompt, from, to, batchSize };
  return {
    ...asTheyAre,
    kind: known,
    topK: options.topK,
    truncate: options.truncate,
    templates: options.template,
    precision: options.vectors,
    dtype: options.dtype === "int8" ? options.dtype : undefined,
  };
}

function inWords({ phase, done, total, rate, secondsLeft }: BulkProgress): string {
  if (phase !== "working") return phase === "reading" ? `${done} rows read` : "putting the parts together";
  const share = Math.floor((100 * done) / (total ?? 1));
  const left = secondsLeft === undefined ? "" : `, ${duration(secondsLeft)} left`;
  return `${done} of ${total} rows (${share} %), ${rate.toFixed(rate < 10 ? 1 : 0)} a second${left}`;
}

function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes < 1 ? `${Math.ceil(seconds)} s` : minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const rowsOf = (report: BulkReport): [string, string][] =>
  Object.entries(report).flatMap(([name, value]: [string, unknown]) =>
    typeof value === "number" ? [[name, Number.isInteger(value) ? String(value) : value.toFixed(1)]] : [],
  );
