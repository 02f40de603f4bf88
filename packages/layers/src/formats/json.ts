/** JSON from files that nobody vouches for: strict UTF-8, an object at the top, no key twice. */

import { CheckpointError, quote, reasonOf } from "../files/checkpoint-error.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * @param file for messages
 * @throws CheckpointError when the bytes aren't UTF-8, not JSON, not an object, or name a key twice
 */
export function parseJsonObject(bytes: Uint8Array, file: string, what: string): JsonObject {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new CheckpointError(`the ${what} is not UTF-8`, { file, cause });
  }
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CheckpointError(`the ${what} is not JSON: ${reasonOf(cause).slice(0, 200)}`, { file, cause });
  }
  if (!isObject(value)) throw new CheckpointError(`the ${what} is not a JSON object`, { file, found: quote(text) });
  const twice = duplicateKey(text);
  if (twice !== undefined) throw new CheckpointError(`the ${what} names the key ${quote(twice)} twice`, { file });
  return value;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The first key that an object of this (valid) JSON text has twice: `JSON.parse` would silently keep the last. */
function duplicateKey(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  let last = "";
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === "{") open.push(new Set());
    else if (character === "[") open.push(undefined);
    else if (character === "}" || character === "]") open.pop();
    else if (character === '"') {
      const end = endOfString(text, i);
      last = text.slice(i, end);
      i = end - 1;
    } else if (character === ":") {
      const key = String(JSON.parse(last));
      const keys = open.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
  }
  return undefined;
}

/** The position after the string that begins with the quotation mark at `begin`. */
function endOfString(text: string, begin: number): number {
  for (let i = text.indexOf('"', begin + 1); ; i = text.indexOf('"', i + 1)) {
    let backslashes = 0;
    while (text[i - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return i + 1;
  }
}
