import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, normalize } from "node:path";

/** What gives a page threads. */
export const isolation: Readonly<Record<string, string>> = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
  ".json": "application/json",
};

export interface Located {
  readonly file: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface PageServer {
  /** http://localhost:<port>, no slash at the end. */
  readonly address: string;
  /** What a page posts to `/report/<name>`. @throws Error when it hasn't after `seconds` */
  report(name: string, seconds: number): Promise<string>;
  close(): Promise<void>;
}

/** Serves the files that `locate` finds for a path, and takes what pages post to `/report/…`. */
export async function serve(locate: (path: string) => Located | undefined): Promise<PageServer> {
  const reports = new Map<string, PromiseWithResolvers<string>>();
  const awaited = (name: string): PromiseWithResolvers<string> => {
    const entry = reports.get(name) ?? Promise.withResolvers<string>();
    reports.set(name, entry);
    return entry;
  };
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname));
    if (request.method === "POST") {
      awaited(path.slice("/report/".length)).resolve(Buffer.concat(await request.toArray()).toString());
      response.writeHead(204).end();
      return;
    }
    try {
      const { file = "", headers } = locate(path) ?? {};
      const body = await readFile(file);
      const type = types[extname(file)] ?? "application/octet-stream";
      response.writeHead(200, { "content-type": type, "cache-control": "no-store", ...headers }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  return {
    address: `http://localhost:${typeof bound === "object" && bound ? bound.port : 0}`,
    report(name, seconds) {
      const { promise, reject } = Promise.withResolvers<string>();
      const timer = setTimeout(() => reject(new Error(`no report within ${seconds} s`)), seconds * 1000);
      return Promise.race([awaited(name).promise, promise]).finally(() => {
        clearTimeout(timer);
        reports.delete(name);
      });
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
