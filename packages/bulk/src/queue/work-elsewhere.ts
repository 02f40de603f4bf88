import { XError } from "@x/layers";
import { openShards } from "../gather.ts";
import type { Manifest } from "../job.ts";
import { rowsOf } from "../job.ts";
import type { Tally } from "../progress.ts";
import type { Storage } from "../storage/storage.ts";
import { connect, jobIdOf } from "./connect.ts";

/** Milliseconds between looks at what is there, and how many looks pass before what isn't is queued again: a queue may lose what it knew. */
const look = 1000;
const looks = 15;

/** How often a shard is tried that fails. */
const attempts = 3;

/** A shard failed on other machines as often as it may. */
export class ShardError extends XError {
  override readonly name = "ShardError";
}

export interface WorkElsewhere {
  readonly queue: string;
  readonly signal?: AbortSignal | undefined;
  readonly tally: Tally;
}

/**
 * Puts shards into a queue, and waits until workers have made their parts. What counts is which parts are there, not what the queue says.
 * @throws ShardError when one failed for good
 */
export async function workElsewhere(
  storage: Storage,
  manifest: Manifest,
  shards: readonly number[],
  { queue: address, signal, tally }: WorkElsewhere,
): Promise<void> {
  const { location } = storage;
  const broker = await connect(address);
  const kept = { removeOnComplete: true, removeOnFail: true, attempts, backoff: { type: "exponential", delay: 1000 } };
  const queue = broker.queue({ defaultJobOptions: kept });
  const events = broker.events();
  const quiet = (): void => {}; // connections that break are made again by the client
  queue.on("error", quiet);
  events.on("error", quiet);
  let failed: ShardError | undefined;
  const ids = new Map(shards.map((shard) => [jobIdOf({ location, shard }), shard]));
  events.on("failed", ({ jobId, failedReason }: { readonly jobId: string; readonly failedReason: string }) => {
    const shard = ids.get(jobId);
    if (shard !== undefined) failed = new ShardError(`shard ${shard} of ${location}: ${failedReason}`);
  });
  try {
    let open = new Set(shards);
    for (let time = 0; open.size > 0; time++) {
      signal?.throwIfAborted();
      if (failed) throw failed;
      if (time % looks === 0) {
        const jobs = [...open].map((shard) => ({
          name: "shard",
          data: { location, shard },
          opts: { jobId: jobIdOf({ location, shard }) },
        }));
        await within(queue.addBulk(jobs), signal);
      }
      await new Promise((resolve) => setTimeout(resolve, look));
      const now = new Set(await openShards(storage, manifest));
      for (const shard of open) if (!now.has(shard)) tally.wholly(shard, rowsOf(manifest, shard));
      open = now;
    }
  } finally {
    await Promise.allSettled([queue.close(), events.close()]);
  }
}

/** A promise, but not longer than the signal lets it. */
function within<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
