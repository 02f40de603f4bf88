/** Reads a file forward: one stream for as long as positions only grow by a little. */

import { bytesOf, type DType } from "./dtype.ts";
import { endsEarly, type SourceFile } from "../files/source-file.ts";

/** Gaps up to this are read and dropped; a longer one starts a new stream, which over a network is a new request. */
const longestSkip = 1 << 20;

/** What is converted at once. */
const longestChunk = 1 << 22;

export class Cursor {
  readonly file: SourceFile;
  readonly #end: number;
  readonly #signal: AbortSignal | undefined;
  #stream: AsyncIterator<Uint8Array> | undefined;
  #rest: Uint8Array = new Uint8Array(0);
  #position = 0;

  /** @param end where reading will stop at the latest, so that a network file asks for no more */
  constructor(file: SourceFile, end: number, signal?: AbortSignal) {
    this.file = file;
    this.#end = Math.min(end, file.size);
    this.#signal = signal;
  }

  /** Moves to `position`; the next bytes come from there. */
  async seek(position: number): Promise<void> {
    const gap = position - this.#position;
    if (gap < 0 || gap > longestSkip + this.#rest.length) await this.close();
    if (this.#stream === undefined) this.#position = position;
    while (this.#position < position) await this.next(position - this.#position);
  }

  /** Between 1 and `most` bytes, valid until the next call. */
  async next(most: number): Promise<Uint8Array> {
    if (this.#rest.length === 0) {
      this.#signal?.throwIfAborted();
      this.#stream ??= this.file.stream(this.#position, this.#end, this.#signal)[Symbol.asyncIterator]();
      const { done, value } = await this.#stream.next();
      if (done === true) throw endsEarly(this.file, this.#position + most, this.#position);
      this.#rest = value;
    }
    const bytes = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(bytes.length);
    this.#position += bytes.length;
    return bytes;
  }

  /** Exactly `count` bytes, in an array of their own. */
  async take(count: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(count);
    for (let filled = 0; filled < count;) {
      const chunk = await this.next(count - filled);
      bytes.set(chunk, filled);
      filled += chunk.length;
    }
    return bytes;
  }

  /** The next `count` elements, in chunks of whole elements; one that a chunk boundary cuts in two comes alone. */
  async *elements(dtype: DType, count: number): AsyncGenerator<Uint8Array> {
    const width = bytesOf[dtype];
    for (let left = count * width; left > 0;) {
      const chunk = await this.next(Math.min(left, longestChunk));
      const whole = chunk.length - (chunk.length % width);
      if (whole > 0) yield chunk.subarray(0, whole);
      left -= whole;
      if (whole === chunk.length) continue;
      const split = new Uint8Array(width);
      split.set(chunk.subarray(whole));
      split.set(await this.take(width - (chunk.length - whole)), chunk.length - whole);
      yield split;
      left -= width;
    }
  }

  /** Ends the stream under way, if there is one. Safe to call twice. */
  async close(): Promise<void> {
    const stream = this.#stream;
    this.#stream = undefined;
    this.#rest = new Uint8Array(0);
    await stream?.return?.();
  }
}
