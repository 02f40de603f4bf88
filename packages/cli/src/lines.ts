/** Standard input, line by line. */
import process from "node:process";
import { UsageError } from "./usage-error.ts";

/** Most bytes of a line. */
const longest = 2 ** 24;

/**
 * The lines of bytes that come in pieces, a list for each piece, so that what has come needn't wait for what hasn't. Empty lines are left out, as are a line's
 * `\r` and a byte order mark.
 * @param onBad told the number of a line that isn't UTF-8 or is beyond 16 MiB, which is then left out
 */
export async function* linesOf(
  pieces: AsyncIterable<Uint8Array>,
  onBad: (line: number, why: string) => void,
): AsyncGenerator<string[], void, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let [rest, dropped, number] = [new Uint8Array(), false, 0];
  const read = (bytes: Uint8Array): string[] => {
    number++;
    if (dropped || bytes.length > longest) {
      dropped = false;
      onBad(number, "is beyond 16 MiB");
      return [];
    }
    try {
      const text = decoder.decode(bytes).replace(/\r$/, "");
      return text.trim() === "" ? [] : [text];
    } catch {
      onBad(number, "is not UTF-8 text");
      return [];
    }
  };
  for await (const piece of pieces) {
    const lines: string[] = [];
    let begin = 0;
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, begin)) {
      lines.push(...read(joined(rest, piece.subarray(begin, end))));
      [rest, begin] = [new Uint8Array(), end + 1];
    }
    if (!dropped) rest = joined(rest, piece.subarray(begin));
    if (rest.length > longest) [rest, dropped] = [new Uint8Array(), true];
    if (lines.length > 0) yield lines;
  }
  const last = rest.length > 0 || dropped ? read(rest) : [];
  if (last.length > 0) yield last;
}

/** Both, in bytes of their own: a piece is only valid until the next. */
function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** The same pieces. @throws UsageError when the first has a zero byte at its beginning, as pictures, archives and UTF-16 have */
export async function* textual(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  let isFirst = true;
  for await (const piece of pieces) {
    if (isFirst && piece.subarray(0, 1000).includes(0))
      throw new UsageError("standard input: lines of UTF-8 text are wanted, and this is something else; files are named, not piped in");
    isFirst = false;
    yield piece;
  }
}

/** Whether someone sits at a terminal in place of lines that are piped in. */
export const nothingIsPiped = (): boolean => process.stdin.isTTY;

/** As it comes. @throws the signal's reason when aborted, also while it waits: in Deno a stream that is destroyed doesn't end whoever reads it */
export async function* standardInput(signal: AbortSignal): AsyncGenerator<Uint8Array, void, void> {
  const aborted = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }));
  aborted.catch(() => {});
  const pieces = (process.stdin as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  for (;;) {
    signal.throwIfAborted();
    const { done, value } = await Promise.race([pieces.next(), aborted]);
    if (done === true) return;
    yield value;
  }
}
