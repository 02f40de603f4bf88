import { CoreError } from "../errors.ts";
import type { ThreadStart } from "../threads/control.ts";

export interface Thread {
  end(): void;
}

/**
 * Browsers and workers: a module worker beside this file, which every bundler that knows `new URL(…, import.meta.url)` serves. Where none is
 * served, a blob of the same text; where that is forbidden too (a strict CSP), the caller does without.
 */
export async function spawnThread(start: ThreadStart): Promise<Thread> {
  try {
    return await answer(new Worker(new URL("../threads/worker.js", import.meta.url), { type: "module" }), start);
  } catch {
    const { workerSource } = await import("../generated/worker-source.ts");
    const url = URL.createObjectURL(new Blob([workerSource], { type: "text/javascript" }));
    try {
      return await answer(new Worker(url, { type: "module" }), start);
    } finally {
      URL.revokeObjectURL(url);
    }
  }
}

async function answer(worker: Worker, start: ThreadStart): Promise<Thread> {
  try {
    await new Promise<void>((resolve, reject) => {
      const giveUp = setTimeout(() => reject(new CoreError("the thread did not start")), 10_000);
      worker.onmessage = () => {
        clearTimeout(giveUp);
        resolve();
      };
      worker.onerror = (event) => {
        event.preventDefault();
        clearTimeout(giveUp);
        reject(new CoreError(event.message || "the thread could not be loaded"));
      };
      worker.postMessage(start);
    });
  } catch (error) {
    worker.terminate();
    throw error;
  }
  return { end: () => worker.terminate() };
}

/** Cores that threads may use. */
export const numCores = (): number => globalThis.navigator?.hardwareConcurrency ?? 1;

/** Whether memory can be shared with threads here: pages need cross-origin isolation. */
export const canShareMemory = (): boolean =>
  typeof SharedArrayBuffer === "function" && typeof Worker === "function" && globalThis.crossOriginIsolated !== false;

/** Pages have no say in how the engine compiles. */
export const compileWide = (): (() => void) | undefined => undefined;
