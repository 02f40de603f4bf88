import { proxy, type Remote, wrap } from "comlink";
import type { Host } from "./worker.ts";

/** Starts a worker that opens a room's models. It ends with the signal; what was asked and isn't answered stays so. */
export async function connect<Work>(room: string, signal: AbortSignal, onProgress: (share: number) => void): Promise<Remote<Work>> {
  signal.throwIfAborted();
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: room });
  signal.addEventListener("abort", () => worker.terminate(), { once: true });
  const failed = new Promise<never>((_, reject) => {
    worker.onerror = ({ message }) => reject(new Error(message || "the worker could not be loaded"));
  });
  const host = wrap<Host>(worker);
  const work = await Promise.race([host.open(room, document.baseURI, proxy(onProgress)), failed]);
  signal.throwIfAborted();
  return work as Remote<Work>;
}
