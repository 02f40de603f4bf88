import type { WorkerPort } from "./types.ts";

/** A Web Worker's. */
export const webPort: WorkerPort = {
  post: (message) => globalThis.postMessage(message),
  listen: (heard) => globalThis.addEventListener("message", ({ data }: MessageEvent<unknown>) => heard(data)),
};
