import type { Answer, Port, Request } from "../messages.ts";

export const port: Port<Request, Answer> = {
  post: (message, transfer) => globalThis.postMessage(message, { transfer: [...transfer] }),
  listen: (onMessage) => globalThis.addEventListener("message", ({ data }: MessageEvent<Request>) => onMessage(data)),
};
