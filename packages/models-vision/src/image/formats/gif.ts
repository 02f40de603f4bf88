/** The first frame of a GIF, on its screen, as Pillow shows it. */
import type { RgbImage } from "../rgb-image.ts";
import type { EncodedImage } from "./encoded-image.ts";
import { FileView } from "./file-view.ts";

interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly isInterlaced: boolean;
  /** Red, green, blue, its own or the screen's; undefined for greys. */
  readonly palette: Uint8Array | undefined;
  /** The number that means "see through"; around the frame its colour shows. */
  readonly transparent: number;
  /** Where the compressed numbers begin. */
  readonly dataAt: number;
}

const [EXTENSION, IMAGE, END, GRAPHIC_CONTROL] = [0x21, 0x2c, 0x3b, 0xf9];

/** A frame that reaches beyond the screen enlarges it. */
export function openGif(bytes: Uint8Array): EncodedImage {
  const file = new FileView("GIF", bytes);
  const frame = firstFrame(file);
  if (frame.width === 0 || frame.height === 0) throw file.damaged(`its first frame has no pixels: it is ${frame.width} × ${frame.height}`);
  const width = Math.max(file.uint16(6, true), frame.left + frame.width);
  const height = Math.max(file.uint16(8, true), frame.top + frame.height);
  return { width, height, decode: () => draw(file, frame, width, height) };
}

function firstFrame(file: FileView): Frame {
  const hasPalette = (flags: number): boolean => flags >= 128;
  const paletteBytes = (flags: number): number => 3 << ((flags & 7) + 1);
  const flags = file.uint8(10);
  const screenPalette = hasPalette(flags) ? file.slice(13, paletteBytes(flags)) : undefined;
  let at = 13 + (screenPalette?.length ?? 0);
  let transparent = 0;
  for (;;) {
    if (at >= file.length) throw file.cutShort("it has no frame");
    const kind = file.uint8(at++);
    if (kind === END) throw file.damaged("it has no frame");
    if (kind === EXTENSION) {
      if (file.uint8(at) === GRAPHIC_CONTROL && file.uint8(at + 1) >= 4 && (file.uint8(at + 2) & 1) === 1) transparent = file.uint8(at + 5);
      at = endOfBlocks(file, at + 1);
    } else if (kind === IMAGE) break;
  }
  const own = file.uint8(at + 8);
  const ownPalette = hasPalette(own) ? file.slice(at + 9, paletteBytes(own)) : undefined;
  return {
    left: file.uint16(at, true),
    top: file.uint16(at + 2, true),
    width: file.uint16(at + 4, true),
    height: file.uint16(at + 6, true),
    isInterlaced: (own & 64) !== 0,
    palette: [ownPalette, screenPalette].find((palette) => palette?.some((value, i) => value !== Math.floor(i / 3))),
    transparent,
    dataAt: at + 9 + (hasPalette(own) ? paletteBytes(own) : 0),
  };
}

/** Blocks say their length first; one of length 0 ends them. */
function endOfBlocks(file: FileView, start: number): number {
  let at = start;
  while (at < file.length && file.uint8(at) > 0) at += file.uint8(at) + 1;
  return at + 1;
}

function draw(file: FileView, frame: Frame, width: number, height: number): RgbImage {
  const data = new Uint8Array(3 * width * height);
  const colours = frame.palette ?? Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3)); // black beyond a palette's end
  const paint = (pixel: number, index: number): void => {
    data[3 * pixel] = colours[3 * index] ?? 0;
    data[3 * pixel + 1] = colours[3 * index + 1] ?? 0;
    data[3 * pixel + 2] = colours[3 * index + 2] ?? 0;
  };
  if (frame.width < width || frame.height < height) for (let pixel = 0; pixel < width * height; pixel++) paint(pixel, frame.transparent);
  const rows = frame.isInterlaced ? interlacedRows(frame.height) : undefined;
  let [row, column, start] = [0, 0, 0];
  const begin = (): void => {
    start = (frame.top + (rows ? (rows[row] ?? 0) : row)) * width + frame.left;
  };
  begin();
  const isWhole = unpack(file, frame.dataAt, frame.width * frame.height, (index) => {
    paint(start + column, index);
    if (++column < frame.width) return;
    column = 0;
    row++;
    begin();
  });
  if (!isWhole) throw file.cutShort(`${row} of ${frame.height} rows are there`);
  return { width, height, data };
}

/** Every eighth row, those in the middle between, and so on. */
function interlacedRows(height: number): Uint32Array {
  const rows = new Uint32Array(height);
  let at = 0;
  for (const [first, step] of [
    [0, 8],
    [4, 8],
    [2, 4],
    [1, 2],
  ] as const)
    for (let row = first; row < height; row += step) rows[at++] = row;
  return rows;
}

const TABLE = 4096;

/**
 * Lempel, Ziv and Welch's compression with codes of growing length, GIF 89a appendix F.
 * @returns whether all `count` numbers came
 * @throws ImageError at a code that can't be
 */
function unpack(file: FileView, dataAt: number, count: number, put: (index: number) => void): boolean {
  const { bytes } = file;
  const bits = file.uint8(dataAt);
  if (bits > 11) throw file.damaged(`codes begin with ${bits} bits`);
  const clear = 2 ** bits;
  const [links, lasts, text] = [new Uint16Array(TABLE), new Uint8Array(TABLE), new Uint8Array(TABLE + 1)];
  let [next, size, previous, first] = [clear + 2, bits + 1, -1, 0];
  let [buffer, held, left, at, done] = [0, 0, 0, dataAt + 1, 0];
  while (done < count) {
    while (held < size) {
      if (left === 0) {
        left = bytes[at++] ?? 0;
        if (left === 0) return false; // no block follows
      }
      if (at >= bytes.length) return false;
      buffer |= (bytes[at++] ?? 0) << held;
      held += 8;
      left--;
    }
    const code = buffer & (2 ** size - 1);
    buffer >>>= size;
    held -= size;
    if (code === clear) {
      [next, size, previous] = [clear + 2, bits + 1, -1];
      continue;
    }
    if (code === clear + 1) return false;
    if (code > next || (previous < 0 && code > clear)) throw file.damaged(`code ${code} where ${next} is the next`);
    let length = 0;
    let rest = code;
    if (code === next && previous >= 0) {
      text[length++] = first; // the entry that is just being made
      rest = previous;
    }
    while (rest > clear) {
      text[length++] = lasts[rest] ?? 0;
      rest = links[rest] ?? 0;
    }
    first = rest;
    text[length++] = rest;
    if (previous >= 0 && next < TABLE) {
      links[next] = previous;
      lasts[next] = first;
      next++;
      if (next === 2 ** size && size < 12) size++;
    }
    previous = code;
    for (let i = Math.min(length, count - done); i > 0; i--, done++) put(text[--length] ?? 0);
  }
  return true;
}
