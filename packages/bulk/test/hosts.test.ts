/**
 * Three hosts, a queue, and whatever can happen to them. One run with all of it; `FAULTS=some.jsonl` does each in a run of its own, and writes how long it took
 * beside one without.
 */
import type { ChildProcess } from "node:child_process";
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bulk, type BulkOptions } from "../src/index.ts";
import { clockFrom, makeNetwork, missingHosts, type Network, withFullDisk } from "./hosts.ts";
import { missing, type Server, startRedis } from "./servers.ts";

const skipped = missing.redis ?? missingHosts;
const results = process.env["FAULTS"];
const sleep = (seconds: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 1000 * seconds));

let folder: string;
let network: Network;
let redis: Server;
let runs = 0;
let workers: (ChildProcess | undefined)[] = [];
const clocks = (host: number): string => join(folder, `clock-${host}`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bulk-hosts-"));
  if (skipped !== undefined) return;
  network = makeNetwork(3);
  redis = await startRedis(network.address);
  await bulk({ ...job("alone"), task: { ...job("alone").task, options: { gate: import.meta.filename } }, workers: 1 });
});
afterAll(async () => {
  await endWorkers();
  if (skipped === undefined) {
    await redis[Symbol.asyncDispose]();
    network[Symbol.dispose]();
  }
  await rm(folder, { recursive: true });
});

/** What fills a disk, by its name in the sink's folder. The run's last shards wait until a file is there that is called so. */
const filling = "full";

/** 60 shards of a second. The last three, one for each host, wait until everything has happened: a run isn't over before. */
const job = (name: string): BulkOptions & { readonly sink: string } => ({
  source: Array.from({ length: 600 }, (_, i) => ({
    id: i,
    text: i >= 570 && i % 10 === 0 ? "shut" : i % 50 === 7 ? "bad" : "x".repeat(i % 90),
  })),
  task: { kind: "module", model: join(import.meta.dirname, "task.ts"), options: { wait: 1000, gate: join(folder, name, filling) } },
  sink: join(folder, name),
  format: "jsonl",
  shardSize: 10,
});

async function start(host: number, around: (words: readonly string[]) => readonly string[] = (words) => words): Promise<void> {
  const words = [
    process.execPath,
    "--conditions=@x/source",
    "--disable-warning=ExperimentalWarning",
    join(import.meta.dirname, "worker.ts"),
    redis.url,
  ];
  await writeFile(clocks(host), "+0");
  workers[host] = network.hosts[host]?.start(around(words), clockFrom(clocks(host)));
}

const exited = (worker: ChildProcess | undefined): Promise<unknown> =>
  new Promise((resolve) => {
    if (!worker || worker.exitCode !== null || worker.signalCode !== null) resolve(undefined);
    else worker.once("exit", resolve);
  });

async function endWorkers(): Promise<void> {
  for (const worker of workers) worker?.kill("SIGKILL");
  await Promise.all(workers.map(exited));
  workers = [];
}

/** All that a result is, but for when it was made. */
async function contents(name: string): Promise<Record<string, string>> {
  const names = (await readdir(join(folder, name))).filter((file) => file !== "job.json" && file !== filling);
  return Object.fromEntries(
    await Promise.all(names.map(async (file) => [file, await readFile(join(folder, name, file), "utf8")] as const)),
  );
}

type Fault = (sink: string) => Promise<void>;

const faults: Readonly<Record<string, Fault>> = {
  "a worker is killed, and a new one started": async () => {
    workers[0]?.kill("SIGKILL");
    await exited(workers[0]);
    await start(0);
  },
  "a host's disk is full": async (sink) => {
    workers[2]?.kill("SIGKILL");
    await exited(workers[2]);
    await start(2, (words) => withFullDisk(sink, filling, ["job.json", "input"], words));
    // It gives its shard back, ends, and says why; its disk is emptied, and it starts again.
    let why = "";
    workers[2]?.stderr?.on("data", (piece: Buffer) => (why += piece.toString()));
    await new Promise((resolve) => workers[2]?.once("close", resolve));
    expect(why.trim().split("\n")).toEqual([expect.stringContaining("ENOSPC")]);
    expect(why).toContain(sink);
    await start(2);
  },
  "a worker is frozen for 18 s": async () => {
    const worker = workers[1];
    worker?.kill("SIGSTOP");
    await sleep(18);
    worker?.kill("SIGCONT");
  },
  "a host is cut off for 10 s": async () => {
    network.hosts[2]?.plug(false);
    await sleep(10);
    network.hosts[2]?.plug(true);
  },
  "Redis is killed, and started anew with nothing in it": async () => {
    const { port } = new URL(redis.url);
    await redis[Symbol.asyncDispose]();
    await sleep(1);
    redis = await startRedis(network.address, Number(port));
  },
  "a host's clock is set forward by a day": () => writeFile(clocks(0), "+1d"),
  "a host's clock is set back by an hour": () => writeFile(clocks(1), "-1h"),
};

/** @returns seconds */
async function runWith(happening: readonly Fault[]): Promise<number> {
  const name = `run-${runs++}`;
  const { sink } = job(name);
  for (const host of [0, 1, 2]) await start(host);
  let isWorking = (): void => {};
  const working = new Promise<void>((resolve) => (isWorking = resolve));
  let [begun, before] = [performance.now(), -1];
  const run = bulk({
    ...job(name),
    queue: redis.url,
    onProgress: ({ phase, done }) => {
      if (phase !== "working" || done === 0 || before >= 0) return;
      [begun, before] = [performance.now(), done];
      isWorking();
    },
  });
  await Promise.race([working, run]);
  for (const fault of happening) await fault(sink);
  await writeFile(join(sink, filling), "");
  expect(await run).toMatchObject({ rows: 600, failed: 12, shards: 60, workers: 0 });
  const took = (performance.now() - begun) / 1000;
  expect(await contents(name)).toEqual(await contents("alone"));
  await endWorkers();
  return took;
}

const because = skipped === undefined ? "" : ` (skipped: ${skipped})`;

describe.skipIf(skipped)(`three hosts${because}`, () => {
  test.skipIf(results)("everything happens, and every row is there once", { timeout: 600_000 }, async () => {
    await runWith(Object.values(faults));
  });

  test.skipIf(!results).each(Object.entries({ nothing: async () => {}, ...faults }))("%s", { timeout: 600_000 }, async (name, fault) => {
    await appendFile(results ?? "", `${JSON.stringify({ name, seconds: await runWith([fault]) })}\n`);
  });
});
