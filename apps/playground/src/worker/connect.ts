import { proxy, type Remote, wrap } from "comlink";
import type { Host } from "./worker.ts";

/** Milliseconds without a sign of progress after which another worker is begun: a Firefox that a test drives now and then never lets one start its threads. */
const PATIENCE = 15_000;

/** Starts a worker that opens a room's models. It ends with the signal; what was asked and isn't answered stays so. */
export async function connect<Work>(room: string, signal: AbortSignal, onProgress: (share: number) => void): Promise<Remote<Work>> {
  for (let patience = PATIENCE; ; patience *= 2) {
    const work = await begin<Work>(room, signal, onProgress, patience);
    if (work) return work;
  }
}

/** Undefined when nothing was heard for so long. */
async function begin<Work>(
  room: string,
  signal: AbortSignal,
  onProgress: (share: number) => void,
  patience: number,
): Promise<Remote<Work> | undefined> {
  signal.throwIfAborted();
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: room });
  signal.addEventListener("abort", () => worker.terminate(), { once: true });
  const failed = new Promise<never>((_, reject) => {
    worker.onerror = ({ message }) => reject(new Error(message || "the worker could not be loaded"));
  });
  const silence = Promise.withResolvers<undefined>();
  let timer = setTimeout(silence.resolve, patience);
  const heard = (share: number): void => {
    clearTimeout(timer);
    timer = setTimeout(silence.resolve, patience);
    onProgress(share);
  };
  const host = wrap<Host>(worker);
  const work = await Promise.race([host.open(room, document.baseURI, proxy(heard)), failed, silence.promise]);
  clearTimeout(timer);
  signal.throwIfAborted();
  if (work === undefined) worker.terminate();
  return work as Remote<Work> | undefined;
}
