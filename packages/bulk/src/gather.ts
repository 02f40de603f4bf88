/** The end of a job: its parts put together, its errors in one file, its input gone. */
import { stat } from "node:fs/promises";
import { files, type Manifest, numShards } from "./job.ts";
import { joins } from "./part/join.ts";
import type { Sink } from "./sink.ts";
import { writeWhole } from "./storage/folder-storage.ts";
import type { Storage } from "./storage/storage.ts";

/** Shards whose part isn't there yet. */
export async function openShards(storage: Storage, manifest: Manifest): Promise<number[]> {
  const there = new Set(await storage.list(""));
  return Array.from({ length: numShards(manifest) }, (_, shard) => shard).filter((shard) => !there.has(files.partOf(shard, manifest)));
}

/**
 * Puts a job's parts together, and takes away what isn't needed any more. One that was killed goes on when it is called again.
 * @returns how many items were bad
 */
export async function gather(storage: Storage, manifest: Manifest, { file }: Sink, signal: AbortSignal | undefined): Promise<number> {
  const errors = await errorsIn(storage);
  if (errors.length > 0) await storage.write(files.allErrors, errors);
  if (file === undefined) {
    for (const name of [files.errors, files.input]) await storage.remove(name);
    await storage.sweep();
  } else if (!(await isThere(file))) {
    if (errors.length > 0) await writeWhole(`${file}.errors.jsonl`, (open) => open.writeFile(errors));
    await writeWhole(file, async (open) => {
      for await (const piece of joins[manifest.format](partsOf(storage, manifest, signal), manifest.rows)) await open.writeFile(piece);
    });
  }
  if (file !== undefined) {
    // The manifest goes last: as long as it is there, a run that is called again knows what this file is.
    const parts = (await storage.list("")).filter((name) => name !== files.manifest);
    for (const name of [...parts, files.errors, files.input]) await storage.remove(name);
    await storage.remove("");
  }
  return errors.filter((byte) => byte === 10).length;
}

/** Of the whole job. Once they are in one file, that is what counts: those of the shards may be half gone. */
async function errorsIn(storage: Storage): Promise<Uint8Array> {
  const all = await storage.read(files.allErrors);
  if (all) return all;
  const each: Uint8Array[] = [];
  for (const name of await storage.list(files.errors)) each.push((await storage.read(`${files.errors}/${name}`)) ?? new Uint8Array());
  return Buffer.concat(each);
}

async function* partsOf(storage: Storage, manifest: Manifest, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void, void> {
  for (let shard = 0; shard < numShards(manifest); shard++) {
    signal?.throwIfAborted();
    const part = await storage.read(files.partOf(shard, manifest));
    if (part) yield part;
  }
}

export const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
