import { availableParallelism } from "node:os";
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
