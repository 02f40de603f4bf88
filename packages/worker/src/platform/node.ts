/** Node, Deno and Bun: a worker thread. */
import { Worker } from "node:worker_threads";
import type { Thread } from "../messages.ts";

export function startThread(): Thread {
  const worker = new Worker(new URL("../thread.ts", import.meta.url));
  return {
    post: (message, transfer) => worker.postMessage(message, [...transfer]),
    listen: (onMessage) => void worker.on("message", onMessage),
    onEnd(told) {
      worker.on("error", (error: unknown) => told(error instanceof Error ? error.message : String(error)));
      worker.on("exit", (code) => told(`it has ended (exit code ${code})`));
    },
    idle: (isIdle) => (isIdle ? worker.unref() : worker.ref()),
    end: () => void worker.terminate(),
  };
}

/** Paths mean the same there. */
export const absolute = (place: string): string => place;
