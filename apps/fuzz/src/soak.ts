/**
 * A server's day in minutes: embeddings, labels, texts, loads and disposals, saves, aborts and errors, several at once. Says how the memory and what the process
 * holds open went, and how long requests took. Ends with 1 when something grew.
 *
 *     npm run soak -- --minutes 10 --at 4 --picture docs/images/soak.svg
 */
import { readdirSync, writeFileSync } from "node:fs";
import { stdout } from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { init, liveBytes, shutdown } from "@x/layers";
import { memoryCurve } from "./curve.ts";
import { drawn } from "./draw.ts";
import { startRequests } from "./requests.ts";

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "1" }, at: { type: "string", default: "4" }, picture: { type: "string" } },
});
const milliseconds = 60_000 * Number(values.minutes);
const NUM_SAMPLES = 30;

interface Sample {
  readonly seconds: number;
  readonly requests: number;
  readonly residentMB: number;
  readonly heapMB: number;
  readonly liveBytes: number;
  readonly open: number;
  readonly active: number;
}

const row = (...cells: readonly (string | number)[]): void => void stdout.write(`| ${cells.join(" | ")} |\n`);
const title = (...cells: readonly string[]): void => {
  row(...cells);
  row(...cells.map(() => "---"));
};
const openFiles = (): number => {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return 0; // only Linux tells
  }
};

await init();
const taken = new Map<string, number[]>();
const failures = new Map<string, number>();
const samples: Sample[] = [];
{
  await using requests = await startRequests();
  const all = Object.entries(requests.kinds).flatMap(([name, { share, run }]) => Array.from({ length: share }, () => ({ name, run })));
  const begun = performance.now();
  const state = { count: 0, running: 0, isPaused: false };
  const serve = async (seed: number): Promise<void> => {
    const draw = drawn(seed);
    while (performance.now() - begun < milliseconds) {
      while (state.isPaused) await wait(1);
      const { name, run } = all[Math.floor(draw() * all.length)] ?? all[0] ?? { name: "", run: async () => undefined };
      const start = performance.now();
      state.running++;
      await run(draw).catch((error: unknown) =>
        failures.set(`${name}: ${String(error)}`, (failures.get(`${name}: ${String(error)}`) ?? 0) + 1),
      );
      state.running--;
      const times = taken.get(name) ?? [];
      times.push(performance.now() - start);
      taken.set(name, times);
      state.count++;
    }
  };
  /** Between requests, so that nothing is under way. */
  const sample = async (): Promise<void> => {
    state.isPaused = true;
    while (state.running > 0) await wait(1);
    await wait(20);
    const { rss, heapUsed } = process.memoryUsage();
    samples.push({
      seconds: Math.round((performance.now() - begun) / 1000),
      requests: state.count,
      residentMB: Math.round(rss / 1e6),
      heapMB: Math.round(heapUsed / 1e6),
      liveBytes: liveBytes(),
      open: openFiles(),
      active: process.getActiveResourcesInfo().length,
    });
    state.isPaused = false;
  };
  const serving = Promise.all(Array.from({ length: Number(values.at) }, (_, index) => serve(index + 1)));
  for (let i = 1; i <= NUM_SAMPLES; i++) {
    await wait(Math.max(0, (milliseconds * i) / NUM_SAMPLES - (performance.now() - begun) - 50));
    await sample();
  }
  await serving;
}
const left = liveBytes();
shutdown();

title("seconds", "requests", "resident, MB", "heap, MB", "live bytes", "open files", "active");
for (const one of samples) row(one.seconds, one.requests, one.residentMB, one.heapMB, one.liveBytes, one.open, one.active);
stdout.write("\n");
title("request", "times", "p50, ms", "p99, ms", "p99.9, ms", "longest, ms");
for (const [name, times] of taken) {
  const sorted = Float64Array.from(times).sort();
  const at = (share: number): string => (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(1);
  row(name, sorted.length, at(0.5), at(0.99), at(0.999), at(1));
}
for (const [failure, times] of failures) stdout.write(`${times} times ${failure}\n`);

/** The most of the last third beside the most of the second. */
const third = NUM_SAMPLES / 3;
const most = (what: (one: Sample) => number, from: number): number => Math.max(...samples.slice(from, from + third).map(what));
const grew = [
  most(({ residentMB }) => residentMB, 2 * third) > 1.05 * most(({ residentMB }) => residentMB, third) + 10 && "resident memory",
  new Set(samples.slice(third).map((one) => one.liveBytes)).size > 1 && "live bytes",
  most(({ open }) => open, 2 * third) > most(({ open }) => open, third) + 10 && "open files",
  left > 0 && `${left} bytes after the end`,
].filter((what) => what !== false);
if (values.picture !== undefined) {
  const { requests = 0, seconds = 0 } = samples.at(-1) ?? {};
  const heading = `Memory of a server in ${Math.round(seconds / 60)} minutes and ${requests} requests, ${values.at} at a time`;
  writeFileSync(values.picture, memoryCurve(samples, heading));
}
stdout.write(grew.length > 0 ? `grew: ${grew.join(", ")}\n` : "nothing grew\n");
process.exit(grew.length + failures.size > 0 ? 1 : 0);
