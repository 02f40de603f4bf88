import { aFunction, aSignal, aText, checkOptions, needed, type RulesOf, wholeFrom } from "@x/layers/model";
import { ThreadError } from "../pool/computing.ts";
import { connect, type ShardJob } from "./connect.ts";
import { Crews } from "./crews.ts";

/** Milliseconds that a shard stays with a worker that isn't heard of, and between looks for such shards. */
const lockDuration = 15_000;
const stalledInterval = 10_000;

export interface BulkWorkerOptions {
  /** `redis://…` (also Valkey) or `postgres://…`. */
  readonly queue: string;
  /** As of `bulk`. */
  readonly workers?: number | undefined;
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told of each shard that is done. */
  readonly onShard?: ((shard: ShardJob) => void) | undefined;
}

const rules: RulesOf<BulkWorkerOptions> = {
  queue: needed(aText),
  workers: wholeFrom(1),
  threads: wholeFrom(1),
  signal: aSignal,
  onShard: aFunction,
};

/**
 * Works on shards from a queue, until the signal says to stop: on as many machines as there are, all of which see the jobs' folders under the same names. This
 * thread only keeps books, and says to the queue that it is there; others compute. What a worker had that was killed, frozen or cut off goes to another
 * after some 25 seconds at most.
 * @throws ThreadError when this machine can't read or write: the shard goes back, and others do it
 */
export async function bulkWorker(options: BulkWorkerOptions): Promise<void> {
  checkOptions("bulkWorker", options, rules);
  const { queue, workers, threads, signal, onShard } = options;
  const broker = await connect(queue);
  await using crews = new Crews({ workers, threads });
  let ill: unknown;
  const worker = broker.worker(
    async (job, token) => {
      try {
        await crews.work(job.data, (count) => (worker.concurrency = count));
        onShard?.(job.data);
      } catch (error) {
        if (!(error instanceof ThreadError) || error.code === undefined) throw error;
        ill = error;
        await job.moveToWait(token);
        ending();
        throw broker.givenBack();
      }
    },
    { lockDuration, stalledInterval, maxStalledCount: 1000, concurrency: 1, drainDelay: 1 },
  );
  worker.on("error", () => {}); // connections that break are made again by the client
  let ending = (): void => {};
  const end = new Promise<void>((resolve) => (ending = resolve));
  signal?.addEventListener("abort", ending, { once: true });
  if (signal?.aborted) ending();
  await end;
  // What is under way isn't waited for: its shard goes to others.
  await worker.close(true);
  if (ill) throw ill;
}
