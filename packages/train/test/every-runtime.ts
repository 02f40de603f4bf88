/** A training in a Web Worker, as Deno and Bun have them: paused, gone on with, stopped, and gone on with by another. Prints how far each came. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trainIn, type TrainingWorker } from "../src/worker/index.ts";

interface Learned {
  readonly finished: boolean;
  readonly steps: number;
  readonly weights: string;
}

/** What these runtimes have beside Node's own. */
declare const Worker: new (url: URL, options: { readonly type: "module" }) => TrainingWorker & { terminate(): void };

const folder = await mkdtemp(join(tmpdir(), "trained-"));
const start = () => new Worker(new URL("learning-thread.ts", import.meta.url), { type: "module" });

/** @param tell what the page says before the first step is over, and behind it */
async function trained(run: string, first?: "pause", then?: "resume" | "stop"): Promise<Learned> {
  const worker = start();
  try {
    const training = trainIn<Learned>(worker, join(folder, run), {
      onStep: ({ step }) => void (then && step === 1 && training[then]()),
    });
    if (first) training[first]();
    return await training.result;
  } finally {
    worker.terminate();
  }
}

const whole = await trained("whole");
const paused = await trained("paused", "pause", "resume");
const stopped = await trained("stopped", "pause", "stop");
const goneOn = await trained("stopped");
await rm(folder, { recursive: true });
process.stdout.write(JSON.stringify([whole, paused, stopped, goneOn].map((one) => [one.finished, one.weights === whole.weights])));
