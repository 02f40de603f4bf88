/** What a PNG's text says about how the camera was held, by the names under which programs write it. */
import { Unzlib } from "fflate";
import type { Notes } from "./encoded-image.ts";
import { latin1 } from "./file-view.ts";

export interface Chunk {
  readonly name: string;
  /** Cut short where the file is. */
  readonly data: Uint8Array;
}

/** Longer notes are passed over, as Pillow refuses them. Bytes. */
const longestNote = 1 << 20;

/** A chunk that can't be read says nothing. */
export function pngNotes(chunks: readonly Chunk[]): Notes {
  let exif = chunks.findLast(({ name }) => name === "eXIf")?.data;
  let xmp: string | undefined;
  for (const chunk of chunks) {
    if (!["tEXt", "zTXt", "iTXt"].includes(chunk.name)) continue;
    const end = chunk.data.subarray(0, 80).indexOf(0); // keywords have at most 79 letters
    if (end < 0) continue;
    const keyword = latin1(chunk.data.subarray(0, end));
    if (keyword === "Raw profile type exif") exif ??= fromHexadecimal(textOf(chunk, end + 1));
    if (keyword === "XML:com.adobe.xmp") xmp = latin1(textOf(chunk, end + 1));
  }
  return { exif, xmp };
}

function textOf({ name, data }: Chunk, start: number): Uint8Array {
  if (name === "tEXt") return data.subarray(start);
  if (name === "zTXt") return data[start] === 0 ? inflated(data.subarray(start + 1)) : new Uint8Array();
  const [isCompressed, method] = [data[start], data[start + 1]];
  const language = data.indexOf(0, start + 2); // two strings of their own come first
  const text = data.subarray(data.indexOf(0, language + 1) + 1);
  if (isCompressed === 0) return text;
  return method === 0 ? inflated(text) : new Uint8Array();
}

function inflated(compressed: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    const stream = new Unzlib((part) => {
      parts.push(part);
      length += part.length;
    });
    for (let at = 0; at < compressed.length; at += 1 << 10) {
      stream.push(compressed.subarray(at, at + (1 << 10)));
      if (length > longestNote) return new Uint8Array();
    }
  } catch {
    return new Uint8Array(); // Pillow passes over it, too
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** ImageMagick's form: an empty line, a name, a length, and digits in lines. */
function fromHexadecimal(text: Uint8Array): Uint8Array | undefined {
  const digits = latin1(text).split("\n").slice(3).join("").replaceAll(/\s/g, "");
  if (digits.length === 0 || digits.length % 2 === 1 || !/^[0-9a-f]+$/i.test(digits)) return undefined;
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}
