/** PNG as Pillow reads it: every colour type and depth, interlaced or not. Only the chunks that pixels are made of can make a picture unreadable. */
import { isError } from "@x/layers/model";
import { Unzlib } from "fflate";
import type { RgbImage } from "../rgb-image.ts";
import { adler32, crc32 } from "./checksums.ts";
import type { EncodedImage } from "./encoded-image.ts";
import { FileView } from "./file-view.ts";
import { type Chunk, pngNotes } from "./png-notes.ts";

interface Header {
  readonly width: number;
  readonly height: number;
  /** Of a channel. */
  readonly depth: number;
  readonly channels: number;
  readonly isPalette: boolean;
  readonly isInterlaced: boolean;
}

/** Channels and depths of the colour types: grey, colours, palette, grey and alpha, colours and alpha. */
const colourTypes: Readonly<Record<number, { readonly channels: number; readonly depths: readonly number[] }>> = {
  0: { channels: 1, depths: [1, 2, 4, 8, 16] },
  2: { channels: 3, depths: [8, 16] },
  3: { channels: 1, depths: [1, 2, 4, 8] },
  4: { channels: 2, depths: [8, 16] },
  6: { channels: 4, depths: [8, 16] },
};

export function openPng(bytes: Uint8Array): EncodedImage {
  const file = new FileView("PNG", bytes);
  const header = readHeader(file);
  const chunks = readChunks(file);
  return {
    width: header.width,
    height: header.height,
    notes: pngNotes(chunks),
    decode: () => decode(file, header, chunks),
  };
}

function readHeader(file: FileView): Header {
  if (file.text(12, 4) === "CgBI") throw file.unread("Apple's own form (CgBI)");
  if (file.text(12, 4) !== "IHDR") throw file.damaged("it doesn't begin with IHDR");
  checkSum(file, "IHDR", file.slice(16, 13));
  const [depth, type] = [file.uint8(24), file.uint8(25)];
  const kind = colourTypes[type];
  if (kind?.depths.includes(depth) !== true) throw file.damaged(`there is no colour type ${type} with ${depth} bits`);
  if (file.uint8(26) !== 0 || file.uint8(27) !== 0) throw file.unread("another compression or filter than the standard's");
  return {
    width: file.uint32(16),
    height: file.uint32(20),
    depth,
    channels: kind.channels,
    isPalette: type === 3,
    isInterlaced: file.uint8(28) !== 0,
  };
}

/** Every other chunk is passed over, colour profiles and gamma, too, as Pillow's loader does. */
const followed = new Set(["PLTE", "IDAT", "eXIf", "tEXt", "zTXt", "iTXt"]);

/** Up to IEND or the file's end, which may come within the last. */
function readChunks(file: FileView): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = 33; at + 8 <= file.length;) {
    const length = file.uint32(at);
    const name = file.text(at + 4, 4);
    if (name === "IEND") break;
    if (followed.has(name)) chunks.push({ name, data: file.bytes.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return chunks;
}

/** The sum stands behind the data; where the file ends before, nothing speaks against them. */
function isSound(file: FileView, data: Uint8Array): boolean {
  const at = data.byteOffset - file.bytes.byteOffset;
  return at + data.length + 4 > file.length || crc32(file.slice(at - 4, data.length + 4)) === file.uint32(at + data.length);
}

function checkSum(file: FileView, name: string, data: Uint8Array): void {
  if (!isSound(file, data)) throw file.damaged(`the checksum of ${name} is wrong`);
}

function decode(file: FileView, header: Header, chunks: readonly Chunk[]): RgbImage {
  const { width, height } = header;
  const palette = chunks.find(({ name }) => name === "PLTE")?.data;
  if (palette) checkSum(file, "PLTE", palette);
  else if (header.isPalette) throw file.damaged("a picture by palette without a palette");
  const compressed = chunks.filter(({ name }) => name === "IDAT").map(({ data }) => data);
  if (compressed.length === 0) throw file.cutShort("it has no pixels (IDAT)");
  const rows = new Rows(file, header);
  const image = { width, height, data: new Uint8Array(3 * width * height) };
  const put = painter(header, palette ?? new Uint8Array(), image);
  const isDoubtful = !compressed.every((data) => isSound(file, data));
  let sum = 1;
  inflate(file, compressed, rows, (part) => {
    if (isDoubtful) sum = adler32(part, sum);
    rows.take(part, put);
  });
  if (!rows.isWhole) throw file.cutShort(`${rows.done} of ${rows.count} rows are there`);
  // As Pillow, which doesn't look at the chunks' sums, but zlib at that of the pixels.
  if (isDoubtful && sum !== lastNumber(compressed)) throw file.damaged("the checksum of its pixels is wrong");
  return image;
}

/** The last four bytes. */
function lastNumber(parts: readonly Uint8Array[]): number {
  const end = parts.flatMap((part) => [...part.subarray(-4)]).slice(-4);
  return end.reduce((number, byte) => number * 256 + byte, 0);
}

/** At most four megabytes come out of so many bytes: no more is inflated beyond what is needed. */
const pieceBytes = 1 << 12;

/** What comes out, part by part, until the rows are whole. */
function inflate(file: FileView, compressed: readonly Uint8Array[], rows: Rows, take: (part: Uint8Array) => void): void {
  const stream = new Unzlib(take);
  for (const data of compressed) {
    for (let at = 0; at < data.length && !rows.isWhole; at += pieceBytes) {
      try {
        stream.push(data.subarray(at, at + pieceBytes));
      } catch (cause) {
        if (isError(cause) && "code" in cause) throw file.damaged(`its compressed data: ${cause.message}`, cause);
        throw cause;
      }
    }
  }
}

/** Where pixels of an interlaced picture's seven passes begin, and how far apart they are: PNG 1.2, section 2.6 (Adam7). */
const passes = [
  { x: 0, y: 0, across: 8, down: 8 },
  { x: 4, y: 0, across: 8, down: 8 },
  { x: 0, y: 4, across: 4, down: 8 },
  { x: 2, y: 0, across: 4, down: 4 },
  { x: 0, y: 2, across: 2, down: 4 },
  { x: 1, y: 0, across: 2, down: 2 },
  { x: 0, y: 1, across: 1, down: 2 },
] as const;
const single = [{ x: 0, y: 0, across: 1, down: 1 }] as const;

/** One row of one pass; pixel i stands at column x + i · across. */
interface Row {
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly x: number;
  readonly y: number;
  readonly across: number;
}

/** Cuts a stream of bytes into rows, and takes the filters off. */
class Rows {
  readonly count: number;
  done = 0;
  readonly #file: FileView;
  readonly #pixelBytes: number;
  readonly #plan: readonly {
    readonly rows: number;
    readonly count: number;
    readonly bytes: number;
    readonly pass: (typeof passes | typeof single)[number];
  }[];
  #pass = 0;
  #row = 0;
  #filled = 0;
  #current: Uint8Array;
  #above: Uint8Array;

  constructor(file: FileView, { width, height, depth, channels, isInterlaced }: Header) {
    this.#file = file;
    this.#pixelBytes = Math.max(1, (depth * channels) >> 3);
    this.#plan = (isInterlaced ? passes : single)
      .map((pass) => {
        const count = Math.ceil((width - pass.x) / pass.across);
        const rows = Math.ceil((height - pass.y) / pass.down);
        return { pass, count, rows, bytes: 1 + Math.ceil((count * depth * channels) / 8) };
      })
      .filter(({ count, rows }) => count > 0 && rows > 0);
    this.count = this.#plan.reduce((sum, { rows }) => sum + rows, 0);
    const longest = Math.max(...this.#plan.map(({ bytes }) => bytes));
    [this.#current, this.#above] = [new Uint8Array(longest), new Uint8Array(longest)];
  }

  get isWhole(): boolean {
    return this.done === this.count;
  }

  take(part: Uint8Array, put: (row: Row) => void): void {
    for (let at = 0; at < part.length && !this.isWhole;) {
      const plan = this.#plan[this.#pass];
      if (!plan) break;
      const next = part.subarray(at, at + plan.bytes - this.#filled);
      this.#current.set(next, this.#filled);
      this.#filled += next.length;
      at += next.length;
      if (this.#filled < plan.bytes) break;
      this.#unfilter(plan.bytes);
      const { x, y, across, down } = plan.pass;
      put({ bytes: this.#current.subarray(1, plan.bytes), count: plan.count, x, y: y + this.#row * down, across });
      this.done++;
      this.#filled = 0;
      [this.#current, this.#above] = [this.#above, this.#current];
      if (++this.#row < plan.rows) continue;
      this.#row = 0;
      this.#pass++;
      this.#above.fill(0);
    }
  }

  /** PNG 1.2, section 6. */
  #unfilter(length: number): void {
    const [row, above, step] = [this.#current, this.#above, this.#pixelBytes];
    const filter = row[0] ?? 0;
    if (filter > 4) throw this.#file.damaged(`row ${this.done} has filter ${filter}`);
    [row[0], above[0]] = [0, 0]; // to the left of the first pixel are zeros
    const before = (line: Uint8Array, i: number): number => (i > step ? (line[i - step] ?? 0) : 0);
    if (filter === 1) for (let i = 1; i < length; i++) row[i] = (row[i] ?? 0) + before(row, i);
    if (filter === 2) for (let i = 1; i < length; i++) row[i] = (row[i] ?? 0) + (above[i] ?? 0);
    if (filter === 3) for (let i = 1; i < length; i++) row[i] = (row[i] ?? 0) + ((before(row, i) + (above[i] ?? 0)) >> 1);
    if (filter === 4) for (let i = 1; i < length; i++) row[i] = (row[i] ?? 0) + paeth(before(row, i), above[i] ?? 0, before(above, i));
  }
}

/** The nearest of the three to left + up − corner. */
function paeth(left: number, up: number, corner: number): number {
  const [toLeft, toUp, toCorner] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

/** Puts a row's pixels as red, green and blue. Colours of 16 bits keep their high byte; greys of 16 are clipped instead, as Pillow's mode I;16 is. */
function painter({ depth, channels, isPalette }: Header, palette: Uint8Array, { width, data }: RgbImage): (row: Row) => void {
  const colours = channels === 1 && depth <= 8 ? colourTable(depth, isPalette ? palette : undefined) : undefined;
  const size = (depth * channels) >> 3;
  const [green, blue] = channels < 3 ? [0, 0] : depth === 16 ? [2, 4] : [1, 2];
  const most = 2 ** depth - 1;
  return ({ bytes, count, x, y, across }) => {
    let to = 3 * (y * width + x);
    if (size === 3 && across === 1) {
      data.set(bytes, to);
      return;
    }
    for (let i = 0; i < count; i++, to += 3 * across) {
      if (colours) {
        const bit = i * depth;
        const at = 3 * (((bytes[bit >> 3] ?? 0) >> (8 - depth - (bit & 7))) & most);
        data[to] = colours[at] ?? 0;
        data[to + 1] = colours[at + 1] ?? 0;
        data[to + 2] = colours[at + 2] ?? 0;
      } else if (size === 2 && channels === 1) {
        data.fill((bytes[2 * i] ?? 0) > 0 ? 255 : (bytes[2 * i + 1] ?? 0), to, to + 3);
      } else {
        const from = i * size;
        data[to] = bytes[from] ?? 0;
        data[to + 1] = bytes[from + green] ?? 0;
        data[to + 2] = bytes[from + blue] ?? 0;
      }
    }
  };
}

/** Red, green and blue of every number; black beyond a palette's end. */
function colourTable(depth: number, palette: Uint8Array | undefined): Uint8Array {
  const scale = 255 / (2 ** depth - 1);
  return Uint8Array.from({ length: 3 * 2 ** depth }, (_, i) => (palette ? (palette[i] ?? 0) : Math.floor(i / 3) * scale));
}
