/** The end of a job: its parts put together, its errors in one file, its input gone. */
import { ArgumentError } from "@x/layers";
import { parseJson } from "@x/layers/model";
import { files, type Manifest, numShards, rowsOf } from "./job.ts";
import { holds } from "./part/holds.ts";
import type { Sink } from "./sink.ts";
import { writeWhole } from "./storage/folder-storage.ts";
import { bytesOf, type Storage, text } from "./storage/storage.ts";
import { wholeOf } from "./whole/whole-of.ts";

/** Shards whose part isn't there yet. */
export async function openShards(storage: Storage, manifest: Manifest): Promise<number[]> {
  const there = new Set(await storage.list(""));
  return Array.from({ length: numShards(manifest) }, (_, shard) => shard).filter((shard) => !there.has(files.partOf(shard, manifest)));
}

/**
 * Puts a job's parts together, and takes away what isn't needed any more. One that was killed goes on when it is called again. What stays beside the result says that
 * it is done.
 * @returns how many items were bad
 */
export async function gather(storage: Storage, manifest: Manifest, sink: Sink, signal: AbortSignal | undefined): Promise<number> {
  const whole = wholeOf(sink);
  const errors = await errorsIn(storage);
  if (errors.length > 0) await storage.write(files.allErrors, errors);
  if (whole && !(await whole.isWhole(manifest))) {
    if (errors.length > 0 && sink.file !== undefined) {
      await writeWhole(`${sink.file}.errors.jsonl`, (open) => open.writeFile(errors), sink.location);
    }
    await whole.make((first) => partsOf(storage, manifest, first, signal), manifest);
  }
  const failed = errors.filter((byte) => byte === 10).length;
  await storage.write(files.done, bytesOf(`${JSON.stringify({ failed })}\n`));
  await tidy(storage, sink);
  return failed;
}

/** Takes away what isn't needed once a job is done. One that was killed meanwhile is tidied when it is called again. */
export async function tidy(storage: Storage, sink: Sink): Promise<void> {
  for (const name of [files.errors, files.input]) await storage.remove(name);
  if (wholeOf(sink)) {
    const stays = new Set<string>([files.manifest, files.done, ...(sink.file === undefined ? [files.allErrors] : [])]);
    for (const name of await storage.list("")) if (!stays.has(name)) await storage.remove(name);
  }
  await storage.sweep();
}

/**
 * How many items were bad in a job that is done and whose result is still there; undefined where something is left to do.
 * @throws CheckpointError, and ArgumentError, when what says so is damaged
 */
export async function failedOf(storage: Storage, manifest: Manifest, sink: Sink): Promise<number | undefined> {
  const done = await storage.read(files.done);
  if (!done) return undefined;
  const whole = wholeOf(sink);
  const isThere = whole ? await whole.isThere() : (await openShards(storage, manifest)).length === 0;
  if (!isThere) return undefined;
  const { failed } = parseJson(text(done), files.done, { label: storage.location });
  if (typeof failed === "number") return failed;
  throw new ArgumentError(
    storage.location,
    `${files.done} says how many items failed`,
    "it is damaged; remove the job and its result, and it is done anew",
  );
}

/** Forgets a job that was done, and whose result was taken away since. The manifest goes first: what is killed here begins anew. */
export async function forget(storage: Storage): Promise<void> {
  await storage.remove(files.manifest);
  const names = await storage.list("");
  for (const name of [...names.filter((one) => isOurs.test(one)), files.errors, files.input]) await storage.remove(name);
}

const isOurs = /^(part-\d{6,}\.(parquet|jsonl|npy)|errors\.jsonl|done\.json)$/;

/** Of the whole job. Once they are in one file, that is what counts: those of the shards may be half gone. */
async function errorsIn(storage: Storage): Promise<Uint8Array> {
  const all = await storage.read(files.allErrors);
  if (all) return all;
  const each: Uint8Array[] = [];
  for (const name of await storage.list(files.errors)) each.push((await storage.read(`${files.errors}/${name}`)) ?? new Uint8Array());
  return Buffer.concat(each);
}

async function* partsOf(
  storage: Storage,
  manifest: Manifest,
  first: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  for (let shard = first; shard < numShards(manifest); shard++) {
    signal?.throwIfAborted();
    const name = files.partOf(shard, manifest);
    const part = await storage.read(name);
    // Another run of the same job may have been quicker.
    if (!part) throw new ArgumentError(storage.location, "parts stay until they are one", `${name} is gone`);
    if (!(await holds(part, manifest.format, rowsOf(manifest, shard))))
      throw new ArgumentError(storage.location, "parts are as they were written", `${name} is damaged; remove it, and it is made anew`);
    yield part;
  }
}
