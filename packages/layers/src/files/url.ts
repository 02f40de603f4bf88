/** Files on a web server: parts of them where the server can (RFC 9110 §14), else from the start. */

import { carefulFetch, type Fetch, IDLE_TIMEOUT, PassingError } from "./careful-fetch.ts";
import { CheckpointError } from "./checkpoint-error.ts";
import { type FileSize, type FileSource, fileSource } from "./file-source.ts";
import { MOST_UNTOLD, mostBytes } from "./limits.ts";
import { retried, retrying } from "./retrying.ts";
import { chunksOf, type SourceFile } from "./source-file.ts";
import { blobFile } from "./blob-file.ts";

/** Bytes asked for first: most headers, and small files whole, need no second request. */
const headBytes = 65_536;

export interface UrlOptions {
  readonly fetch?: Fetch | undefined;
  readonly idleTimeout?: number | undefined;
  readonly maxFileBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Files below `base`, which ends with a slash; `file` is the one that was asked for. */
export function urlSource(base: URL, file: string | undefined, options: UrlOptions = {}): FileSource {
  const { fetch: send = fetch, idleTimeout = IDLE_TIMEOUT, maxFileBytes, signal } = options;
  const request = carefulFetch(send, { idleTimeout, signal });
  const files = new Map<string, Promise<SourceFile | undefined>>();
  const open = (name: string): Promise<SourceFile | undefined> => {
    const url = new URL(name.split("/").map(encodeURIComponent).join("/") + base.search, base);
    const most = Math.min(MOST_UNTOLD, mostBytes(name, maxFileBytes));
    const small = carefulFetch(send, { idleTimeout, mostBytes: most, limit: most === maxFileBytes ? "maxFileBytes" : undefined, signal });
    const known = files.get(name) ?? retried(() => openUrl(url, request, small, signal), url.href, signal);
    files.set(name, known);
    return known;
  };
  const told = async (name: string): Promise<FileSize | undefined> => {
    const found = await open(name);
    return found && { bytes: found.size, cached: false };
  };
  return fileSource({ label: base.href, file, open, sizeOf: told }, options);
}

/** @returns undefined when the server says that there is no such file, or answers with a web page */
async function openUrl(url: URL, request: Fetch, small: Fetch, signal?: AbortSignal): Promise<SourceFile | undefined> {
  const response = await ask(url, 0, headBytes, request);
  if (!response) return undefined;
  // Development servers answer with their start page where a file is missing.
  if (response.headers.get("content-type")?.startsWith("text/html") === true) {
    await response.body?.cancel();
    return undefined;
  }
  const size = sizeOf(response);
  if (size === undefined) {
    await response.body?.cancel();
    return blobFile(await wholeOf(url, small), url.href);
  }
  const head = await readHead(response, Math.min(size, headBytes), signal);
  return new UrlFile(url, size, head, response.headers.get("etag"), request);
}

/** For servers that tell no size, and those that don't let it be seen across origins. */
async function wholeOf(url: URL, small: Fetch): Promise<Blob> {
  const response = await small(url);
  if (response.ok) return response.blob();
  await response.body?.cancel();
  throw new PassingError(`the server answers ${response.status} now`);
}

/** The whole file's size, where the server tells and (across origins) lets it be seen. */
function sizeOf(response: Response): number | undefined {
  const range = response.headers.get("content-range");
  const length = response.headers.get("content-length");
  const isPlain = response.headers.get("content-encoding") === null;
  const text = response.status === 206 ? range?.split("/").pop() : isPlain ? length : undefined;
  const size = Number(text ?? Number.NaN);
  if (Number.isSafeInteger(size)) return size;
  // A part whose range is hidden: when it is shorter than asked for, it is all there is.
  const part = Number(length ?? Number.NaN);
  return response.status === 206 && part < headBytes ? part : undefined;
}

async function readHead(response: Response, length: number, signal?: AbortSignal): Promise<Uint8Array> {
  const head = new Uint8Array(length);
  let filled = 0;
  try {
    for await (const chunk of bodyOf(response, signal)) {
      const bytes = chunk.subarray(0, length - filled);
      head.set(bytes, filled);
      filled += bytes.length;
      if (filled === length) break;
    }
  } catch {
    // What is missing is asked for again when it is needed.
    signal?.throwIfAborted();
  }
  return head.subarray(0, filled);
}

class UrlFile implements SourceFile {
  readonly label: string;
  readonly size: number;
  readonly #url: URL;
  readonly #head: Uint8Array;
  readonly #etag: string | null;
  readonly #request: Fetch;

  constructor(url: URL, size: number, head: Uint8Array, etag: string | null, request: Fetch) {
    this.label = url.href;
    this.size = size;
    this.#url = url;
    this.#head = head;
    this.#etag = etag;
    this.#request = request;
  }

  async *stream(begin: number, end: number, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    signal?.throwIfAborted();
    const known = this.#head.subarray(begin, end);
    if (known.length > 0) yield known;
    yield* retrying((position) => this.#part(position, end, signal), begin + known.length, end, this.label, signal);
  }

  async *#part(begin: number, end: number, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const response = await ask(this.#url, begin, end, this.#request);
    if (!response) throw new CheckpointError("the file has gone from the server", { file: this.label });
    const etag = response.headers.get("etag");
    const size = sizeOf(response);
    if ((etag !== null && this.#etag !== null && etag !== this.#etag) || (size !== undefined && size !== this.size && size > end - begin)) {
      await response.body?.cancel();
      throw new CheckpointError("the file was changed while it was being read", { file: this.label });
    }
    yield* bodyOf(response, signal);
  }
}

/** @returns undefined for 404 and 410 @throws PassingError for what may pass, which `retrying` tries again */
async function ask(url: URL, begin: number, end: number, request: Fetch): Promise<Response | undefined> {
  const response = await request(url, { headers: { Range: `bytes=${begin}-${end - 1}` } });
  if (response.ok) return response;
  // An empty file satisfies no range.
  if (response.status === 416 && response.headers.get("content-range") === "bytes */0")
    return new Response("", { headers: { "content-length": "0" } });
  await response.body?.cancel();
  if (response.status === 404 || response.status === 410) return undefined;
  const problem = `the server answers ${response.status} ${response.statusText}`.trimEnd();
  if (response.status === 429 || response.status >= 500) throw new PassingError(problem);
  throw new CheckpointError(problem, { file: url.href });
}

function bodyOf(response: Response, signal?: AbortSignal): AsyncIterable<Uint8Array> {
  return chunksOf(response.body ?? new Blob([]).stream(), signal);
}
