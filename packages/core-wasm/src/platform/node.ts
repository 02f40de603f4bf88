import { availableParallelism } from "node:os";
import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import { CoreError } from "../errors.ts";
import { workerSource } from "../generated/worker-source.ts";
import type { ThreadStart } from "../threads/control.ts";

export interface Thread {
  end(): void;
}

/** Node, Deno, Bun: a worker_threads worker that never keeps the process alive. */
export async function spawnThread(start: ThreadStart): Promise<Thread> {
  const module = new URL(`data:text/javascript,${encodeURIComponent(workerSource)}`);
  const worker = new Worker(module, { stdout: false, stderr: false });
  worker.unref();
  try {
    await new Promise<void>((resolve, reject) => {
      // unref'd workers don't hold the event loop open, so a timer does until the thread has answered.
      const giveUp = setTimeout(() => reject(new CoreError("the thread did not start")), 10_000);
      const settle = (outcome: () => void) => () => {
        clearTimeout(giveUp);
        outcome();
      };
      worker.once("message", settle(resolve));
      worker.once("error", (error) => settle(() => reject(error))());
      worker.once(
        "exit",
        settle(() => reject(new CoreError("the thread ended before it started"))),
      );
      worker.postMessage(start);
    });
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  worker.unref();
  return { end: () => void worker.terminate() };
}

/** Cores that threads may use. */
export const numCores = (): number => availableParallelism();

/** Whether memory can be shared with threads here. */
export const canShareMemory = (): boolean => typeof SharedArrayBuffer === "function";

/** V8's: it makes one operation on 256 bits of two alike on neighbouring 128, in code that is compiled for speed. */
const REVECTORIZE = "--experimental-wasm-revectorize";
/** Whatever has run a little is compiled for speed, and at once. */
const EAGER = ["--wasm-sync-tier-up", "--wasm-tiering-budget=1000"];
const USUAL = ["--no-wasm-sync-tier-up", "--wasm-tiering-budget=13000000"];

/** Has V8 compile what runs from now on for speed, and for 256 bits. @returns what ends that, or undefined where it can't be had */
export function compileWide(): (() => void) | undefined {
  if ("deno" in process.versions || "bun" in process.versions || Number.parseInt(process.versions.node) < 22) return undefined;
  for (const flag of [REVECTORIZE, ...EAGER]) setFlagsFromString(flag);
  const wasOn = process.execArgv.includes(REVECTORIZE);
  return () => {
    for (const flag of [...(wasOn ? [] : [REVECTORIZE.replace("--", "--no-")]), ...USUAL]) setFlagsFromString(flag);
  };
}
