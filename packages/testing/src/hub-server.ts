/** Web servers on this machine that play a file host and the Hugging Face hub, with their faults. */

import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly seen: Seen[];
}

type Handler = (request: IncomingMessage, response: ServerResponse, path: string) => void;

export async function serve(handler: Handler): Promise<TestServer> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://x").pathname);
    // Pages come from another origin.
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Access-Control-Expose-Headers", "*");
    if (request.method === "OPTIONS") return response.writeHead(204, { "Access-Control-Allow-Headers": "*" }).end();
    seen.push({ method: request.method ?? "", path, range: request.headers.range, authorization: request.headers.authorization });
    handler(request, response, path);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export interface Behaviour {
  /** Whether parts can be asked for. Default true. */
  readonly ranges?: boolean;
  /** Whether the length is told. Default true. */
  readonly length?: boolean;
  /** Break the connection after this many bytes of a response, as long as it returns a number. */
  readonly dropAfter?: () => number | undefined;
  /** Send this many bytes and then nothing more, ever. */
  readonly stallAfter?: number;
  readonly etag?: () => string;
  readonly contentType?: string;
}

/** Answers with bytes, or a part of them. */
export function sendBytes(request: IncomingMessage, response: ServerResponse, bytes: Uint8Array, behaviour: Behaviour = {}): void {
  const { ranges = true, length = true, dropAfter, stallAfter, etag, contentType = "application/octet-stream" } = behaviour;
  const asked = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const begin = ranges && asked ? Number(asked[1]) : 0;
  const end = ranges && asked ? Math.min(bytes.length, asked[2] === "" ? bytes.length : Number(asked[2]) + 1) : bytes.length;
  const body = bytes.subarray(begin, end);
  response.statusCode = ranges && asked ? 206 : 200;
  if (response.statusCode === 206) response.setHeader("Content-Range", `bytes ${begin}-${end - 1}/${bytes.length}`);
  if (length) response.setHeader("Content-Length", body.length);
  response.setHeader("Content-Type", contentType);
  if (etag) response.setHeader("ETag", etag());
  const drop = dropAfter?.();
  if (drop !== undefined && drop < body.length) {
    response.write(body.subarray(0, drop), () => setTimeout(() => response.destroy(), 20));
  } else if (stallAfter !== undefined && stallAfter < body.length) {
    response.write(body.subarray(0, stallAfter));
  } else response.end(body);
}

export interface Repository {
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Names of files that are kept as large files: named by SHA-256 and served by another host. */
  readonly large?: readonly string[];
  commit: string;
  /** A token that is needed. */
  readonly token?: string;
  behaviour?: Behaviour;
}

const sha = (algorithm: string, bytes: Uint8Array | string): string => createHash(algorithm).update(bytes).digest("hex");

export const gitId = (bytes: Uint8Array): string => sha("sha1", Buffer.concat([Buffer.from(`blob ${bytes.length}\0`), bytes]));
export const sha256 = (bytes: Uint8Array): string => sha("sha256", bytes);

/** The endpoints of the hub that its library asks for models; large files are redirected to `cdn`. */
export async function serveHub(repositories: Readonly<Record<string, Repository>>): Promise<TestServer & { readonly cdn: TestServer }> {
  const cdn = await serve((request, response, path) => {
    const [repository = "", name = ""] = path.slice(1).split("!");
    const bytes = repositories[repository]?.files[name];
    if (bytes) sendBytes(request, response, bytes, { etag: () => '"cdn"', ...repositories[repository]?.behaviour });
    else response.writeHead(404).end();
  });
  const hub = await serve((request, response, path) => {
    const [, id = "", rest = ""] = /^(?:\/api\/models)?\/([^/]+\/[^/]+)\/(.*)$/.exec(path) ?? [];
    const repository = repositories[id];
    const fail = (status: number, code: string): void => {
      response.writeHead(status, { "Content-Type": "application/json", "X-Error-Code": code }).end(JSON.stringify({ error: code }));
    };
    if (!repository) return fail(401, "RepoNotFound");
    if (repository.token !== undefined && request.headers.authorization !== `Bearer ${repository.token}`) return fail(403, "GatedRepo");
    const { files, large = [], commit } = repository;
    if (path.startsWith("/api/models/") && rest.startsWith("revision/")) {
      const revision = rest.slice("revision/".length);
      if (!["main", "v1", "refs/pr/1", commit].includes(revision)) return fail(404, "RevisionNotFound");
      response.setHeader("Content-Type", "application/json");
      response.end(
        JSON.stringify({ _id: "1", id, sha: commit, private: false, gated: false, downloads: 0, likes: 0, lastModified: "2026-01-01" }),
      );
      return;
    }
    if (path.startsWith("/api/models/") && rest === `tree/${commit}`) {
      const entries = Object.entries(files).map(([name, bytes]) => {
        const lfs = large.includes(name) ? { oid: sha256(bytes), size: bytes.length, pointerSize: 134 } : undefined;
        return { type: "file", path: name, size: bytes.length, oid: gitId(bytes), lfs };
      });
      response.setHeader("Content-Type", "application/json");
      response.end(JSON.stringify([{ type: "directory", path: "onnx", size: 0, oid: "0".repeat(40) }, ...entries]));
      return;
    }
    const name = rest.startsWith(`resolve/${commit}/`) ? rest.slice(`resolve/${commit}/`.length) : undefined;
    const bytes = name === undefined ? undefined : files[name];
    if (name === undefined || !bytes) return fail(404, "EntryNotFound");
    if (large.includes(name)) {
      response.writeHead(302, {
        Location: `${cdn.url}/${encodeURIComponent(`${id}!${name}`)}`,
        "X-Linked-Size": bytes.length,
        "X-Linked-ETag": `"${sha256(bytes)}"`,
      });
      response.end();
    } else sendBytes(request, response, bytes, { etag: () => `"${gitId(bytes)}"` });
  });
  return {
    ...hub,
    cdn,
    [Symbol.asyncDispose]: async () => {
      await hub[Symbol.asyncDispose]();
      await cdn[Symbol.asyncDispose]();
    },
  };
}
