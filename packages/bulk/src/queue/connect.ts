/** BullMQ, over whichever store an address names. */
import { createHash } from "node:crypto";
import { ArgumentError, XError } from "@x/layers";
import { isError } from "@x/layers/model";
import type { Job, Processor, Queue, QueueEvents, QueueOptions, Worker, WorkerOptions } from "bullmq";
import { optional } from "../optional.ts";

/** What is asked of a worker. */
export interface ShardJob {
  /** Where the job's files are. */
  readonly location: string;
  readonly shard: number;
}

type Processing = (job: Job<ShardJob, void, string>, token: string | undefined) => Promise<void>;

export type ShardWorker = Worker<ShardJob, void, string>;

/** BullMQ's classes with the store that they speak to. */
export interface Broker {
  queue(options: Omit<QueueOptions, "connection">): Queue<ShardJob, void, string>;
  events(): QueueEvents;
  worker(run: Processing, options: Omit<WorkerOptions, "connection">): ShardWorker;
  /** What a worker throws that has put its shard back. */
  givenBack(): Error;
}

const name = "x-bulk";

/** A queue's store can't be reached. */
export class QueueError extends XError {
  override readonly name = "QueueError";
}

/**
 * @param address `redis://`, `rediss://` (also of Valkey), or `postgres://`
 * @throws MissingLibraryError when its client isn't installed
 * @throws QueueError when nobody answers there
 */
export async function connect(address: string): Promise<Broker> {
  if (/^rediss?:/.test(address)) return overRedis(address);
  if (/^postgres(ql)?:/.test(address)) return overPostgres(address);
  throw new ArgumentError("bulk", "a queue is redis://… or postgres://…", `${address} came`);
}

async function overRedis(url: string): Promise<Broker> {
  const bullmq = await optional("A queue in Redis", "bullmq ioredis", () => import("bullmq"));
  const { Redis } = await optional("A queue in Redis", "bullmq ioredis", () => import("ioredis"));
  const client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 3 });
  client.on("error", () => {}); // the ping tells
  await reached(url, () => client.ping());
  client.disconnect();
  const connection = { url, maxRetriesPerRequest: null };
  return {
    queue: (options) => new bullmq.Queue(name, { ...options, connection }),
    events: () => new bullmq.QueueEvents(name, { connection }),
    worker: (run, options) => new bullmq.Worker(name, run, { ...options, connection }),
    givenBack: () => new bullmq.WaitingError(),
  };
}

async function overPostgres(connectionString: string): Promise<Broker> {
  const bullmq = await optional("A queue in Postgres", "bullmq pg", () => import("bullmq"));
  const { default: pg } = await optional("A queue in Postgres", "bullmq pg", () => import("pg"));
  const client = new pg.Client({ connectionString });
  await reached(connectionString, () => client.connect());
  await client.end();
  const { Queue, QueueEvents, Worker } = bullmq.withBackend(bullmq.createPostgresBackend);
  const connection = { connectionString, migrate: true };
  const made = {
    queue: (options: Omit<QueueOptions, "connection">) => new Queue(name, { ...options, connection }),
    events: () => new QueueEvents(name, { connection }),
    worker: (run: Processing, options: Omit<WorkerOptions, "connection">) => new Worker(name, run as Processor, { ...options, connection }),
    givenBack: () => new bullmq.WaitingError(),
  };
  return made as object as Broker; // its classes are the same but for their type of connection
}

async function reached(address: string, ask: () => Promise<unknown>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    const { host } = new URL(address);
    throw new QueueError(`the queue at ${host} can't be reached: ${isError(error) ? error.message : String(error)}`, { where: host });
  }
}

/** The same shard of the same job has the same name, so that it stands in a queue once. */
export const jobIdOf = ({ location, shard }: ShardJob): string =>
  `${createHash("sha256").update(location).digest("hex").slice(0, 16)}-${shard}`;
