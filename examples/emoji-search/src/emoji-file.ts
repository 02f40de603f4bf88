/** All drawings in one file, so that training needs nothing else: gzip of a header's length (u32), the header as JSON, and the pixels. */
import { readFile, writeFile } from "node:fs/promises";
import { gunzipSync, gzipSync } from "node:zlib";

export interface Emoji {
  readonly character: string;
  /** Its name in CLDR: "nerd face". */
  readonly label: string;
  /** Its keywords: "glasses", "smart"… */
  readonly tags: readonly string[];
}

/** Who drew which emoji, by number; picture i's pixels are the i-th of `pixels`. */
export interface Picture {
  readonly emoji: number;
  readonly vendor: number;
}

export interface EmojiFile {
  /** Side of every picture. */
  readonly side: number;
  readonly emoji: readonly Emoji[];
  readonly vendors: readonly string[];
  readonly pictures: readonly Picture[];
  /** Red, green, blue and alpha, row by row, picture after picture; colours not yet multiplied with alpha. */
  readonly pixels: Uint8Array;
}

export async function writeEmojiFile(path: string, { pixels, ...header }: EmojiFile): Promise<number> {
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  const file = gzipSync(Buffer.concat([length, json, pixels]), { level: 9 });
  await writeFile(path, file);
  return file.length;
}

export async function readEmojiFile(path: string): Promise<EmojiFile> {
  const file = gunzipSync(await readFile(path));
  const end = 4 + file.readUInt32LE();
  const header = JSON.parse(file.subarray(4, end).toString()) as Omit<EmojiFile, "pixels">;
  return { ...header, pixels: new Uint8Array(file.subarray(end)) };
}

/** Picture i upon white, as the model's image processor takes it. */
export function onWhite({ side, pixels }: EmojiFile, picture: number): { width: number; height: number; data: Uint8Array } {
  const area = side ** 2;
  const data = Uint8Array.from({ length: 3 * area }, (_, at) => {
    const pixel = 4 * (picture * area + Math.floor(at / 3));
    const alpha = (pixels[pixel + 3] ?? 0) / 255;
    return Math.round((pixels[pixel + (at % 3)] ?? 0) * alpha + 255 * (1 - alpha));
  });
  return { width: side, height: side, data };
}
