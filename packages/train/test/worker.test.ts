/** `trainIn` and `trainHere` in a thread of `worker_threads`. Web Workers are tested in browsers, in apps/everywhere. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, expect, test } from "vitest";
import { trainIn } from "../src/worker/index.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "worker-"));
});
afterEach(() => rm(folder, { recursive: true }));

interface Learned {
  readonly finished: boolean;
  readonly steps: number;
  readonly weights: string;
}

const start = (file = "learning-thread.ts"): Worker =>
  new Worker(new URL(file, import.meta.url), { execArgv: ["--conditions=@x/source", "--disable-warning=ExperimentalWarning"] });

test("steps are told, stop ends it with a checkpoint, and another thread goes on with it", { timeout: 180_000 }, async () => {
  const first = start();
  const whole = await trainIn<Learned>(first, join(folder, "whole")).result;
  await first.terminate();
  expect(whole).toMatchObject({ finished: true, steps: 40 });

  // Told before the first step is over, so that no thread is too fast for it.
  const second = start();
  const seen: number[] = [];
  const waiting = trainIn<Learned>(second, join(folder, "paused"), { onStep: ({ step }) => void seen.push(step) });
  waiting.pause();
  await expect.poll(() => seen.length, { timeout: 180_000 }).toBeGreaterThan(0);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(seen.length).toBeLessThan(40);
  waiting.resume();
  expect(await waiting.result).toEqual(whole);
  expect(seen).toHaveLength(40);
  await second.terminate();

  seen.length = 0;
  const third = start();
  const stopped = trainIn<Learned>(third, join(folder, "stopped"), { onStep: ({ step }) => void seen.push(step) });
  stopped.pause();
  await expect.poll(() => seen.length, { timeout: 180_000 }).toBeGreaterThan(0);
  stopped.stop();
  expect(await stopped.result).toMatchObject({ finished: false, steps: seen.length });
  await third.terminate();

  const fourth = start();
  expect(await trainIn<Learned>(fourth, join(folder, "stopped")).result).toEqual(whole);
  await fourth.terminate();
});

test(
  "what goes wrong there is told here: an error by its name, a thread that ends, one that can't begin",
  { timeout: 180_000 },
  async () => {
    const first = start();
    await expect(trainIn(first, 3).result).rejects.toMatchObject({ name: "TypeError" });
    await first.terminate();
    const second = start();
    const { result } = trainIn(second, join(folder, "ended"), { onStep: () => void second.terminate() });
    await expect(result).rejects.toThrow("the worker has ended");
    await expect(trainIn(start("nothing.ts"), "").result).rejects.toThrow("the worker has ended: ");
  },
);
