import { type Manifest, numShards, rowsOf } from "../job.ts";
import type { Tally } from "../progress.ts";
import { ThreadError } from "./computing.ts";
import { type CrewSize, startCrew } from "./crew.ts";

/** How often a shard is tried whose thread dies or whose storage fails. */
const attempts = 3;

export interface WorkHere extends CrewSize {
  readonly signal?: AbortSignal | undefined;
  readonly tally: Tally;
}

/**
 * Works on shards with threads of this process, each on one at a time: the next is begun when a thread is free, so nothing piles up.
 * @returns how many models there were, and how many threads each had
 * @throws what a shard failed with, after some attempts
 */
export async function workHere(
  location: string,
  manifest: Manifest,
  shards: readonly number[],
  { workers, threads, signal, tally }: WorkHere,
): Promise<{ readonly workers: number; readonly threads: number }> {
  await using crew = await startCrew(location, manifest, shards.length, {
    workers: workers === undefined ? undefined : Math.min(workers, numShards(manifest)),
    threads,
  });
  const waiting = [...shards];
  let onAbort = (): void => {};
  const stopped = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal?.reason);
  });
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    signal?.throwIfAborted();
    const work = crew.members.map(async (member) => {
      for (let shard = waiting.shift(); shard !== undefined; shard = waiting.shift()) {
        for (let attempt = 1; ; attempt++) {
          try {
            await member.run({ shard }, (rows) => tally.partly(shard ?? 0, rows));
            break;
          } catch (error) {
            tally.not(shard);
            if (attempt === attempts || !isPassing(error)) throw error;
          }
        }
        tally.wholly(shard, rowsOf(manifest, shard));
      }
    });
    await Promise.race([Promise.all(work), stopped]);
    return { workers: crew.members.length, threads: crew.threads };
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

/** Whether trying again may help: a disk or a network that was busy. */
const isPassing = (error: unknown): boolean =>
  error instanceof ThreadError && ["EIO", "EBUSY", "EAGAIN", "EMFILE", "ECONNRESET", "ETIMEDOUT"].includes(error.code ?? "");
