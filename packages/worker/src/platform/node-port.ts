import { parentPort } from "node:worker_threads";
import type { Answer, Port, Request } from "../messages.ts";

export const port: Port<Request, Answer> = {
  post: (message, transfer) => parentPort?.postMessage(message, [...transfer]),
  listen: (onMessage) => void parentPort?.on("message", onMessage),
};
