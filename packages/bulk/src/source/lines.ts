/** Texts and JSON, a line each. */
import { isJsonObject, type Json } from "@x/layers/model";
import { BadItem, type Row } from "../row.ts";

/** Most bytes of a line. */
const longest = 2 ** 26;

/** A line's text, or why it has none. Empty lines are left out, as are a line's `\r` and a byte order mark. */
async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string | BadItem, void, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const read = (bytes: Uint8Array): string | BadItem => {
    if (bytes.length > longest) return new BadItem("the line is beyond 64 MiB");
    try {
      return decoder.decode(bytes).trim();
    } catch {
      return new BadItem("the line is not UTF-8 text");
    }
  };
  let begun: Uint8Array[] = []; // pieces of a line whose end hasn't come
  for await (const piece of pieces) {
    let begin = 0;
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, begin)) {
      const line = read(Buffer.concat([...begun, piece.subarray(begin, end)]));
      [begun, begin] = [[], end + 1];
      if (line !== "") yield line;
    }
    if (begin < piece.length) begun.push(piece.slice(begin));
    if (begun.length > 1 && begun.reduce((sum, { length }) => sum + length, 0) > longest) begun = [Buffer.alloc(longest + 1)];
  }
  const last = read(Buffer.concat(begun));
  if (last !== "") yield last;
}

/** Each line is a text: the column `text`. */
export async function* textRows(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Row | BadItem, void, void> {
  for await (const line of linesOf(pieces)) yield line instanceof BadItem ? line : { text: line };
}

/** Each line is a JSON object. */
export async function* jsonRows(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Row | BadItem, void, void> {
  for await (const line of linesOf(pieces)) yield line instanceof BadItem ? line : rowOf(line);
}

/** JSON objects if the first line is one, else texts. */
export async function* jsonOrTextRows(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Row | BadItem, void, void> {
  let asJson: boolean | undefined;
  for await (const line of linesOf(pieces)) {
    if (line instanceof BadItem) yield line;
    else {
      asJson ??= !(rowOf(line) instanceof BadItem);
      yield asJson ? rowOf(line) : { text: line };
    }
  }
}

/** What is nested deeper can be read, but not written again. */
const mostLevels = 100;

const isWithin = (value: Json, levels: number): boolean =>
  typeof value !== "object" || value === null || (levels > 0 && Object.values(value).every((one: Json) => isWithin(one, levels - 1)));

/** A text, or a whole number of 16 digits or more. */
const textOrLarge = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/** Whole numbers that JavaScript's can't hold become texts, as those of tables do. */
const withLargeAsTexts = (line: string): string =>
  /\d{16}/.test(line)
    ? line.replace(textOrLarge, (found) => (found.startsWith('"') || Number.isSafeInteger(Number(found)) ? found : `"${found}"`))
    : line;

function rowOf(line: string): Row | BadItem {
  try {
    const value: Json = JSON.parse(withLargeAsTexts(line));
    if (isJsonObject(value))
      return isWithin(value, mostLevels) ? value : new BadItem(`the row is nested in more than ${mostLevels} levels`);
  } catch {
    // it is told below
  }
  return new BadItem(`a line is a JSON object, but this is ${line.length > 60 ? `${line.slice(0, 60)}…` : line}`);
}
