/** BMP as Pillow reads it: OS/2 and Windows headers, 1 to 32 bits, run lengths, bit fields, either way up. */
import { ImageError, type RgbImage } from "../rgb-image.ts";
import type { EncodedImage } from "./encoded-image.ts";
import { FileView } from "./file-view.ts";

interface Header {
  readonly width: number;
  readonly height: number;
  readonly isTopDown: boolean;
  readonly bits: number;
  readonly compression: number;
  /** Of red, green, blue and alpha; none unless compression is `BITFIELDS`. */
  readonly masks: readonly number[];
  /** Blue, green and red, in as many bytes as `entryBytes`. */
  readonly palette: Uint8Array;
  readonly entryBytes: number;
  /** Whether every colour of the palette is the grey of its number. */
  readonly isGrey: boolean;
  /** Whether the palette is black and white, or black alone. */
  readonly isBlackAndWhite: boolean;
  /** Where the pixels begin. */
  readonly offset: number;
}

const [RAW, RLE8, RLE4, BITFIELDS] = [0, 1, 2, 3];

export function openBmp(bytes: Uint8Array): EncodedImage {
  const file = new FileView("BMP", bytes);
  const header = readHeader(file);
  return { width: header.width, height: header.height, decode: () => decode(file, header) };
}

function readHeader(file: FileView): Header {
  const size = file.uint32(14, true);
  if (![12, 40, 52, 56, 64, 108, 124].includes(size)) throw file.unread(`a header of ${size} bytes`);
  file.slice(14, size);
  const isOld = size === 12; // OS/2's first
  const isTopDown = !isOld && file.uint8(25) === 0xff;
  const width = isOld ? file.uint16(18, true) : file.uint32(18, true);
  const height = isOld ? file.uint16(20, true) : isTopDown ? 2 ** 32 - file.uint32(22, true) : file.uint32(22, true);
  const bits = file.uint16(isOld ? 24 : 28, true);
  const compression = isOld ? RAW : file.uint32(30, true);
  const colours = (isOld ? 0 : file.uint32(46, true)) || 2 ** bits;
  const entryBytes = isOld ? 3 : 4;

  let end = 14 + size;
  let masks: readonly number[] = [];
  if (compression === BITFIELDS) {
    masks = [0, 1, 2, 3].map((i) => (i < 3 || size >= 56 ? file.uint32(54 + 4 * i, true) : 0)); // behind a header of 40 bytes they follow it
    if (size === 40) end += 12;
  }
  const isPalette = bits <= 8;
  if (isPalette && colours > 65_536) throw file.damaged(`a palette of ${colours} colours`);
  let offset = file.uint32(10, true);
  if (offset === 14 + size && isPalette) offset += entryBytes * colours; // some programs count no palette
  const palette = isPalette ? file.bytes.subarray(end, end + entryBytes * colours) : new Uint8Array();
  const isGrey = bits === 8 && colours > 2 && palette.every((value, i) => i % entryBytes === 3 || value === Math.floor(i / entryBytes));
  const isBlackAndWhite = colours <= 2 && palette.every((value, i) => i % entryBytes === 3 || value === (i < entryBytes ? 0 : 255));
  offset ||= end + palette.length;
  return { width, height, isTopDown, bits, compression, masks, palette, entryBytes, isGrey, isBlackAndWhite, offset };
}

function decode(file: FileView, header: Header): RgbImage {
  const { width, height, bits, compression, isTopDown } = header;
  if (![1, 4, 8, 16, 24, 32].includes(bits)) throw file.unread(`${bits} bits a pixel`);
  if (compression === RLE8 || compression === RLE4) {
    if (bits !== (compression === RLE8 ? 8 : 4))
      throw file.damaged(`run lengths of ${compression === RLE8 ? 8 : 4} bits in a picture of ${bits}`);
    const indices = runLengths(file, header);
    return rows(width, height, isTopDown, (row) => (column) => colourOf(header, indices[row * width + column] ?? 0));
  }
  if (compression !== RAW && compression !== BITFIELDS)
    throw file.unread(`${{ 4: "a JPEG", 5: "a PNG" }[compression] ?? `compression ${compression}`} inside`);
  const colour = pixelReader(file, header);
  const stride = ((width * bits + 31) >> 3) & ~3;
  file.slice(header.offset, (height - 1) * stride + Math.ceil((width * bits) / 8));
  return rows(width, height, isTopDown, (row) => {
    const start = header.offset + row * stride;
    return (column) => colour(start, column);
  });
}

/** A colour is 0xRRGGBB. @param reader of a stored row, gives the reader of its columns */
function rows(width: number, height: number, isTopDown: boolean, reader: (row: number) => (column: number) => number): RgbImage {
  const data = new Uint8Array(3 * width * height);
  for (let y = 0, to = 0; y < height; y++) {
    const colourAt = reader(isTopDown ? y : height - 1 - y);
    for (let x = 0; x < width; x++) {
      const colour = colourAt(x);
      data[to++] = colour >> 16;
      data[to++] = (colour >> 8) & 255;
      data[to++] = colour & 255;
    }
  }
  return { width, height, data };
}

/** Through the palette; black beyond its end, unless it is nothing but greys in order, or black and white, which Pillow leaves out. */
function colourOf({ palette, entryBytes, isGrey, isBlackAndWhite }: Header, index: number): number {
  if (isGrey) return 0x010101 * index;
  if (isBlackAndWhite && palette.length > 0) return index === 0 ? 0 : 0xffffff;
  const at = entryBytes * index;
  return at + 3 > palette.length ? 0 : ((palette[at + 2] ?? 0) << 16) | ((palette[at + 1] ?? 0) << 8) | (palette[at] ?? 0);
}

/** Gives the colour of a column, for a row's start. */
function pixelReader(file: FileView, header: Header): (start: number, column: number) => number {
  const { bits } = header;
  const { bytes } = file;
  if (bits <= 8) {
    if (header.compression === BITFIELDS) throw file.unread("bit fields with a palette");
    const colours = Array.from({ length: 2 ** bits }, (_, index) => colourOf(header, index));
    return (start, column) => {
      const bit = column * bits;
      return colours[((bytes[start + (bit >> 3)] ?? 0) >> (8 - bits - (bit & 7))) & (2 ** bits - 1)] ?? 0;
    };
  }
  const size = bits / 8;
  const [redMask = 0, greenMask = 0, blueMask = 0] = masksOf(file, header);
  const [red, green, blue] = [channelReader(redMask), channelReader(greenMask), channelReader(blueMask)];
  return (start, column) => {
    let pixel = 0;
    for (let i = size - 1; i >= 0; i--) pixel = (pixel << 8) | (bytes[start + size * column + i] ?? 0);
    return (red(pixel) << 16) | (green(pixel) << 8) | blue(pixel);
  };
}

/** Gives a channel of a pixel, from 0 to 255. */
function channelReader(mask: number): (pixel: number) => number {
  const shift = Math.log2(mask & -mask); // of the lowest bit
  const most = mask / 2 ** shift;
  return (pixel) => Math.floor((((pixel & mask) >>> shift) * 255) / most);
}

/** Masks of red, green, blue, and alpha where it has to be right: the layouts that Pillow knows, by bits a pixel; the first is that of files that don't say. */
const layouts: Readonly<Record<number, readonly (readonly number[])[]>> = {
  16: [
    [0x7c00, 0x3e0, 0x1f],
    [0xf800, 0x7e0, 0x1f],
  ],
  24: [[0xff0000, 0xff00, 0xff]],
  32: [
    [0xff0000, 0xff00, 0xff, 0],
    [0xff0000, 0xff00, 0xff, 0xff000000],
    [0xff000000, 0xff0000, 0xff00, 0],
    [0xff000000, 0xff0000, 0xff00, 0xff],
    [0xff000000, 0xff00, 0xff, 0],
    [0xff000000, 0xff00, 0xff, 0xff0000],
    [0xff, 0xff00, 0xff0000, 0xff000000],
  ],
};

/** @throws ImageError when they are none that Pillow knows */
function masksOf(file: FileView, { bits, compression, masks }: Header): readonly number[] {
  const known = layouts[bits] ?? [];
  const isUsual = compression === RAW || (bits === 32 && masks.every((mask) => mask === 0));
  const found = isUsual ? known[0] : known.find((layout) => layout.every((mask, i) => mask === masks[i]));
  if (found) return found;
  throw file.unread(`bit fields ${masks.map((mask) => `0x${mask.toString(16)}`).join(", ")} of ${bits} bits`);
}

/** Numbers of the palette, the lowest row first. Step by step as Pillow's decoder. */
function runLengths(file: FileView, { width, height, offset, bits }: Header): Uint8Array {
  const { bytes } = file;
  const data = new Uint8Array(width * height);
  let [length, x, at] = [0, 0, offset];
  const append = (value: number): void => {
    data[length++] = value; // beyond the end it is dropped
  };
  while (length < data.length && at + 1 < bytes.length) {
    const [count, value] = [bytes[at] ?? 0, bytes[at + 1] ?? 0];
    at += 2;
    if (count > 0) {
      const fitting = Math.max(0, Math.min(count, width - x));
      for (let i = 0; i < fitting; i++) append(bits === 8 ? value : i % 2 === 0 ? value >> 4 : value & 15);
      x += fitting;
    } else if (value === 0) {
      length = Math.ceil(length / width) * width;
      x = 0;
    } else if (value === 1) break;
    else if (value === 2) {
      if (at + 2 > bytes.length) break;
      length = Math.min(data.length, length + (bytes[at] ?? 0) + (bytes[at + 1] ?? 0) * width);
      x = length % width;
      at += 2;
    } else {
      const whole = Math.min(data.length - length, value);
      const size = bits === 8 ? whole : Math.ceil(whole / 2);
      if (at + size > bytes.length) break;
      for (let i = 0; i < whole; i++) {
        const byte = bytes[at + (bits === 8 ? i : i >> 1)] ?? 0;
        append(bits === 8 ? byte : i % 2 === 0 ? byte >> 4 : byte & 15);
      }
      x += value;
      at += size;
      at += at % 2;
    }
  }
  if (length < data.length) throw new ImageError(`BMP: the file is cut short: ${length} of ${data.length} pixels are there`);
  return data;
}
