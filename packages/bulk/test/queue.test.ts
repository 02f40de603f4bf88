/** The same job on several workers, over Redis and over Postgres: those that are killed or frozen lose nothing, and the bytes are those of one machine. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { bulk, type BulkOptions } from "../src/index.ts";
import { missing, type Server, startPostgres, startRedis } from "./servers.ts";

let folder: string;
const workers: ChildProcess[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bulk-queue-"));
});
afterEach(async () => {
  for (const worker of workers.splice(0)) await end(worker);
});
afterAll(() => rm(folder, { recursive: true }));

function end(worker: ChildProcess): Promise<unknown> {
  if (worker.exitCode !== null || worker.signalCode !== null) return Promise.resolve();
  const exit = new Promise((resolve) => worker.once("exit", resolve));
  worker.kill("SIGKILL");
  return exit;
}

/** A worker, and when it has done a shard. */
function startWorker(queue: string): { readonly worker: ChildProcess; readonly works: Promise<unknown> } {
  const words = ["--conditions=@x/source", "--disable-warning=ExperimentalWarning", join(import.meta.dirname, "worker.ts"), queue];
  const worker = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  workers.push(worker);
  return { worker, works: new Promise((resolve) => worker.stdout.once("data", resolve)) };
}

const job = (sink: string, wait: number, more: Partial<BulkOptions> = {}): BulkOptions => ({
  source: Array.from({ length: 200 }, (_, i) => ({ id: i, text: i % 50 === 7 ? "bad" : "x".repeat(i) })),
  task: { kind: "module", model: join(import.meta.dirname, "task.ts"), options: { wait } },
  sink: join(folder, sink),
  format: "jsonl",
  shardSize: 10,
  ...more,
});

async function contents(name: string): Promise<Record<string, string>> {
  const names = (await readdir(join(folder, name))).filter((file) => file !== "job.json");
  return Object.fromEntries(
    await Promise.all(names.map(async (file) => [file, await readFile(join(folder, name, file), "utf8")] as const)),
  );
}

test("a queue that isn't there is named", async () => {
  for (const queue of ["redis://127.0.0.1:1", "postgres://127.0.0.1:1/none"])
    await expect(bulk({ ...job("nowhere/", 0), queue })).rejects.toThrow("the queue at 127.0.0.1:1 can't be reached");
  await expect(bulk({ ...job("nowhere/", 0), queue: "amqp://x" })).rejects.toThrow("a queue is redis://… or postgres://…");
});

const stores = [
  ["Redis", missing.redis, startRedis],
  ["Postgres", missing.postgres, startPostgres],
] as const;

describe.each(stores)("over %s", (name, isMissing, start) => {
  let server: Server | undefined;
  beforeAll(async () => {
    if (isMissing === undefined) server = await start();
  }, 180_000);
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
  });

  test.skipIf(isMissing)(
    `two workers of three are lost, and nothing else${isMissing === undefined ? "" : ` (skipped: ${isMissing})`}`,
    { timeout: 480_000 },
    async () => {
      const queue = server?.url ?? "";
      await bulk({ ...job(`${name}-alone/`, 0), workers: 1 });
      const run = bulk({ ...job(`${name}/`, 1500), queue });
      const first = [startWorker(queue), startWorker(queue)];
      const [killed, frozen] = first.map(({ worker }) => worker);
      // One that starts late may find nothing left to do.
      await Promise.race([Promise.all(first.map(({ works }) => works)), run]);
      killed?.kill("SIGKILL");
      frozen?.kill("SIGSTOP");
      startWorker(queue);
      expect(await run).toMatchObject({ rows: 200, failed: 4, shards: 20, workers: 0 });
      expect(await contents(name)).toEqual(await contents(`${name}-alone`));
      // One that wakes up when all is done does no harm.
      frozen?.kill("SIGCONT");
      await new Promise((resolve) => setTimeout(resolve, 4000));
      expect(await contents(name)).toEqual(await contents(`${name}-alone`));
      expect(frozen?.exitCode).toBeNull();
    },
  );

  test.skipIf(isMissing)(`a shard that fails for good says why`, { timeout: 120_000 }, async () => {
    const queue = server?.url ?? "";
    const run = bulk({ ...job(`${name}-strict/`, 0, { strict: true }), queue });
    const outcome = expect(run).rejects.toThrow("bad");
    startWorker(queue);
    await outcome;
  });
});
