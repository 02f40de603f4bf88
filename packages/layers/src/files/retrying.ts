/** A download that goes on where a dropped connection left it. */

import { XError } from "@x/core-wasm";
import { PassingError } from "./careful-fetch.ts";
import { CheckpointError, reasonOf } from "./checkpoint-error.ts";

/** Failures in a row, with less than a kilobyte between them, before it is given up; the waits add up to about six seconds. */
const mostFailures = 5;
const leastProgress = 1024;
const firstWait = 200;

/**
 * The bytes [begin, end), opened anew at the position reached whenever the stream breaks.
 * @param open the bytes from a position on; a `CheckpointError` from it is final
 * @param file for messages
 * @throws CheckpointError when it keeps failing; the signal's reason when it is aborted
 */
export async function* retrying(
  open: (position: number) => AsyncIterable<Uint8Array>,
  begin: number,
  end: number,
  file: string,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let failures = 0;
  let reached = begin;
  for (let position = begin; position < end;) {
    let cause: unknown = new XError("the connection closed early");
    try {
      for await (const chunk of open(position)) {
        const bytes = chunk.subarray(0, end - position);
        position += bytes.length;
        if (position >= reached + leastProgress) failures = 0;
        yield bytes;
        if (position === end) return;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof CheckpointError) throw error;
      cause = error;
    }
    reached = position;
    if (++failures > mostFailures) {
      throw new CheckpointError(`the download keeps failing: ${reasonOf(cause)}`, {
        file,
        expected: `bytes up to ${end}`,
        found: `an end at ${position}`,
        cause,
      });
    }
    await wait(Math.max(firstWait * 2 ** (failures - 1), restOf(cause)), signal);
  }
}

/**
 * One short request, tried up to three times.
 * @param attempt a `CheckpointError` from it is final
 * @throws CheckpointError when it keeps failing; the signal's reason when it is aborted
 */
export async function retried<T>(attempt: () => Promise<T>, file: string, signal?: AbortSignal): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt();
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof CheckpointError) throw cause;
      if (failures === 3) throw new CheckpointError(reasonOf(cause), { file, cause });
      await wait(Math.max(firstWait * failures, restOf(cause)), signal);
    }
  }
}

/** Milliseconds that the server asked to wait. */
const restOf = (cause: unknown): number => (cause instanceof PassingError ? 1000 * cause.retryAfter : 0);

function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
