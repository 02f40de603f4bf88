/** Browsers, and their workers: a Web Worker. */
import type { Answer, Thread } from "../messages.ts";

export function startThread(): Thread {
  const worker = new Worker(new URL("../thread.ts", import.meta.url), { type: "module" });
  return {
    post: (message, transfer) => worker.postMessage(message, [...transfer]),
    listen: (onMessage) => worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => onMessage(data)),
    onEnd: (told) => worker.addEventListener("error", ({ message }) => told(message || "it can't be started")),
    idle: () => {},
    end: () => worker.terminate(),
  };
}

/** A place relative to the page is another one relative to the worker's file. */
export const absolute = (place: string): string =>
  /^[./]/.test(place) && "location" in globalThis ? new URL(place, globalThis.document?.baseURI ?? globalThis.location.href).href : place;
