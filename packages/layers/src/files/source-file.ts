/** One readable file, wherever it is, and how its bytes come. */

import { CheckpointError } from "./checkpoint-error.ts";

/** What was loaded so far of everything that one call loads. */
export interface Progress {
  /** The file that is being loaded. */
  readonly file: string;
  /** Bytes loaded so far, over all files. */
  readonly loaded: number;
  /** Bytes of all files together. */
  readonly total: number;
}

/** A file that can be read from any position. Nothing is held open between two streams. */
export interface SourceFile {
  /** Its path or address, for messages. */
  readonly label: string;
  /** Bytes. */
  readonly size: number;
  /**
   * The bytes [begin, end) in order. A chunk is only valid until the next one is asked for.
   * @throws CheckpointError when the file can't be read, was cut or has changed; the signal's reason when it is aborted
   */
  stream(begin: number, end: number, signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

/**
 * The bytes [begin, end) in one new array.
 * @throws CheckpointError when the file ends before
 */
export async function readBytes(file: SourceFile, begin: number, end: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  if (end > file.size) {
    throw new CheckpointError("the file is cut short", { file: file.label, expected: `at least ${end} bytes`, found: String(file.size) });
  }
  const bytes = new Uint8Array(end - begin);
  let filled = 0;
  for await (const chunk of file.stream(begin, end, signal)) {
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  if (filled < bytes.length) throw endsEarly(file, end, begin + filled);
  return bytes;
}

/**
 * Says so if a file is something else's than what people load. How that is told comes with the first file that isn't JSON.
 * @param head its first bytes
 * @throws CheckpointError naming what it is, and what to do
 */
export async function refuseForeign(head: Uint8Array, file: string): Promise<void> {
  if (head[0] === 0x7b) return;
  const { foreigner } = await import("./foreign.ts");
  const found = foreigner(head);
  if (found) throw new CheckpointError(`this is ${found}`, { file });
}

/** The whole file as UTF-8 text. */
export async function readText(file: SourceFile, signal?: AbortSignal): Promise<string> {
  const bytes = await readBytes(file, 0, file.size, signal);
  await refuseForeign(bytes, file.label);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new CheckpointError("not UTF-8 text", { file: file.label, cause });
  }
}

export function endsEarly(file: SourceFile, expected: number, found: number): CheckpointError {
  return new CheckpointError("the data ended early", {
    file: file.label,
    expected: `bytes up to ${expected}`,
    found: `an end at ${found}`,
  });
}

/** A web stream's chunks; leaving the loop or aborting cancels the stream. Safari's streams aren't async iterable. */
export async function* chunksOf(stream: ReadableStream<Uint8Array>, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  signal?.throwIfAborted();
  const reader = stream.getReader();
  const abort = (): void => cancel(reader);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      if (done) return;
      if (value.length > 0) yield value;
    }
  } finally {
    signal?.removeEventListener("abort", abort);
    cancel(reader);
  }
}

/** Not awaited: a stalled connection may never acknowledge. A pending read ends at once. */
function cancel(reader: ReadableStreamDefaultReader<Uint8Array>): void {
  reader.cancel().catch(() => undefined);
}
