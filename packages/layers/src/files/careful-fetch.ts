/** `fetch` for servers that may be slow, broken or hostile: nothing is waited for without end, and a part is the part that was asked for (RFC 9110 §14). */

import { XError } from "@x/core-wasm";
import { CheckpointError, reasonOf } from "./checkpoint-error.ts";

export type Fetch = typeof fetch;

export interface FetchLimits {
  /** Seconds without a sign of life before a request is given up. */
  readonly idleTimeout: number;
  /** The most that an answer may have, in bytes. Default: no limit. */
  readonly mostBytes?: number | undefined;
  /** The option that says so, for the message. */
  readonly limit?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The usual `idleTimeout`. */
export const IDLE_TIMEOUT = 30;

/** What counts as a sign of life: a server that sends a byte a minute is as good as dead. */
const LEAST_BYTES = 1024;

/** The longest that a server may ask to wait, in seconds. */
const LONGEST_WAIT = 60;

/** What may pass: worth another try. */
export class PassingError extends XError {
  /** Seconds that the server asks to wait before. */
  readonly retryAfter: number;

  constructor(problem: string, { retryAfter = 0, cause }: { readonly retryAfter?: number | undefined; readonly cause?: unknown } = {}) {
    super(problem, { cause });
    this.retryAfter = retryAfter;
  }
}

/**
 * The same as `request`, but
 * - it fails with a PassingError when the server sends nothing (or less than a kilobyte) for `idleTimeout` seconds, can't be reached, or asks to wait;
 * - a part that was asked for begins where it should, also where the server answers with the whole file;
 * - it fails with a CheckpointError when the answer is longer than `mostBytes`, or the server wants more than a minute's rest.
 */
export function carefulFetch(request: Fetch, { idleTimeout, mostBytes = Infinity, limit, signal }: FetchLimits): Fetch {
  return async (input, init = {}) => {
    const watch = new Watch(idleTimeout, signal);
    const response = await watch.wait(
      request(input, { ...init, signal: watch.signal }).catch((cause: unknown) => {
        throw new PassingError(`can't be reached: ${reasonOf(cause)}`, { cause });
      }),
    );
    const url = addressOf(input);
    const retryAfter = response.status === 429 || response.status === 503 ? secondsOf(response.headers.get("retry-after")) : undefined;
    if (retryAfter !== undefined) {
      watch.giveUp();
      if (retryAfter <= LONGEST_WAIT) throw new PassingError(`the server answers ${response.status}`, { retryAfter });
      throw new CheckpointError(`the server answers ${response.status} and wants ${retryAfter} seconds' rest`, { file: url });
    }
    const begin = Number(/^bytes=(\d+)-/.exec(new Headers(init.headers).get("range") ?? "")?.[1] ?? 0);
    checkPart(response, begin);
    if (!response.body) return response;
    // A server that knows no parts sends all: what comes before is dropped.
    const skip = response.status === 200 ? begin : 0;
    const told = limit === undefined ? "" : `, the limit (${limit})`;
    const tooLong = (): CheckpointError => new CheckpointError(`the answer is longer than ${mostBytes} bytes${told}`, { file: url });
    if (Number(response.headers.get("content-length")) > mostBytes) {
      watch.giveUp();
      throw tooLong();
    }
    const { status, statusText, headers } = response;
    const body = watched(response.body, watch, skip, mostBytes, tooLong);
    return Object.defineProperty(new Response(body, { status, statusText, headers }), "url", { value: response.url });
  };
}

/** For messages: a `data:` address may be long. */
function addressOf(input: Parameters<Fetch>[0]): string {
  const address = typeof input === "string" ? input : "href" in input ? input.href : input.url;
  return address.length > 200 ? `${address.slice(0, 200)}…` : address;
}

/** What `Retry-After` says: seconds, or a date. RFC 9110 §10.2.3. */
function secondsOf(text: string | null): number | undefined {
  if (text === null) return undefined;
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, Math.ceil(seconds));
}

/** Across origins a server may hide which part it sent. */
function checkPart(response: Response, begin: number): void {
  if (response.status !== 206) return;
  const range = response.headers.get("content-range");
  const found = /^bytes (\d+)-\d+\/(?:\d+|\*)$/.exec(range ?? "")?.[1];
  if (range !== null && Number(found ?? Number.NaN) !== begin)
    throw new PassingError(`the server answers with another part than was asked for: ${range} instead of one from ${begin} on`);
  if (response.headers.get("content-type")?.startsWith("multipart/") === true)
    throw new PassingError("the server answers with several parts where one was asked for");
}

function watched(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  watch: Watch,
  skip: number,
  mostBytes: number,
  tooLong: () => CheckpointError,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  let position = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        for (;;) {
          const { done, value } = await watch.wait(reader.read());
          if (done) return controller.close();
          watch.sees(value.length);
          const before = position;
          position += value.length;
          if (position - skip > mostBytes) {
            watch.giveUp();
            throw tooLong();
          }
          const wanted = value.subarray(Math.min(Math.max(0, skip - before), value.length));
          if (wanted.length > 0) return controller.enqueue(wanted);
        }
      },
      // Not awaited: a stalled connection may never acknowledge.
      cancel: () => void reader.cancel().catch(() => undefined),
    },
    { highWaterMark: 0 },
  );
}

/** Counts the seconds in which a server is waited for, but not those in which nobody asks it for more. */
class Watch {
  readonly #idleTimeout: number;
  readonly #outer: AbortSignal | undefined;
  readonly #inner = new AbortController();
  #waited = 0;
  #seen = 0;

  constructor(idleTimeout: number, outer: AbortSignal | undefined) {
    this.#idleTimeout = idleTimeout;
    this.#outer = outer;
  }

  get signal(): AbortSignal {
    return this.#inner.signal;
  }

  /** Ends the request. */
  giveUp(): void {
    this.#inner.abort();
  }

  sees(bytes: number): void {
    this.#seen += bytes;
    if (this.#seen < LEAST_BYTES) return;
    this.#seen = 0;
    this.#waited = 0;
  }

  async wait<T>(work: Promise<T>): Promise<T> {
    this.#outer?.throwIfAborted();
    const begun = performance.now();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stop: (() => void) | undefined;
    const end = new Promise<never>((_, reject) => {
      stop = () => reject(this.#outer?.reason);
      this.#outer?.addEventListener("abort", stop, { once: true });
      const idle = `nothing came for ${this.#idleTimeout} seconds (idleTimeout)`;
      timer = setTimeout(() => reject(new PassingError(idle)), Math.min(2 ** 31 - 1, 1000 * this.#idleTimeout - this.#waited));
    });
    try {
      const result = await Promise.race([work, end]);
      this.#waited += performance.now() - begun;
      return result;
    } catch (error) {
      this.giveUp();
      work.catch(() => undefined);
      throw error;
    } finally {
      clearTimeout(timer);
      if (stop) this.#outer?.removeEventListener("abort", stop);
    }
  }
}
