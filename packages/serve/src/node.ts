/** `Serving` behind Node's, Deno's and Bun's `node:http`. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { ReadableStream as NodeStream } from "node:stream/web";
import { aText, checkOptions, type RulesOf, wholeFrom } from "@x/layers/model";
import type { Serving } from "./server.ts";

export interface ListenOptions {
  /** Default 8080; 0 for any that is free. */
  readonly port?: number | undefined;
  /** Default 127.0.0.1: this machine alone. `0.0.0.0` for all the world. */
  readonly host?: string | undefined;
}

export interface Listening extends AsyncDisposable {
  /** `http://127.0.0.1:8080` */
  readonly address: string;
  /** Takes no new connections, answers what has come, and ends the models. */
  close(): Promise<void>;
}

const rules: RulesOf<ListenOptions> = { port: wholeFrom(0), host: aText };

/** Listens for requests. @throws Error when the port is taken */
export async function listen(serving: Serving, options: ListenOptions = {}): Promise<Listening> {
  checkOptions("listen", options, rules);
  const { port = 8080, host = "127.0.0.1" } = options;
  const server = createServer((incoming, outgoing) => void answer(serving, incoming, outgoing));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const bound = server.address();
  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    await serving.close();
    server.closeIdleConnections();
    await closed;
  };
  return {
    address: `http://${host.includes(":") ? `[${host}]` : host}:${typeof bound === "object" && bound ? bound.port : port}`,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function answer(serving: Serving, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const controller = new AbortController();
  outgoing.on("close", () => controller.abort()); // whoever asked has gone
  const { method = "GET", url = "/" } = incoming;
  const hasBody = method !== "GET" && method !== "HEAD";
  const request = new Request(new URL(url, "http://localhost"), {
    method,
    headers: Object.entries(incoming.headers).flatMap(([key, value]) =>
      typeof value === "string" && !key.startsWith(":") ? [[key, value] as [string, string]] : [],
    ),
    signal: controller.signal,
    ...(hasBody && { body: Readable.toWeb(incoming) as NodeStream<Uint8Array> as ReadableStream<Uint8Array>, duplex: "half" }),
  } as RequestInit);
  const response = await serving.fetch(request);
  const body = Buffer.from(await response.arrayBuffer());
  outgoing.writeHead(response.status, { ...Object.fromEntries(response.headers), "content-length": body.length });
  outgoing.end(method === "HEAD" ? undefined : body);
  if (!incoming.complete) incoming.destroy(); // what is too long isn't read to its end
}
