/** WebP by libwebp, which Pillow has, too. Of an animation the first frame on its canvas, as libwebp's own animation decoder shows it. */
import { withoutAlpha } from "../channels.ts";
import { wasm } from "../../generated/webp.ts";
import type { RgbImage } from "../rgb-image.ts";
import type { EncodedImage } from "./encoded-image.ts";
import { FileView, latin1 } from "./file-view.ts";
import { compile, WasmCodec } from "./wasm-codec.ts";

const compiled = compile(wasm);

interface Chunk {
  readonly name: string;
  /** Where its data begins. */
  readonly at: number;
  readonly length: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

export function openWebp(bytes: Uint8Array): EncodedImage {
  const whole = new FileView("WebP", bytes);
  const length = 8 + whole.uint32(4, true);
  if (length > bytes.length) throw whole.cutShort(`${bytes.length} of ${length} bytes are there`);
  const file = new FileView("WebP", bytes.subarray(0, length));
  const chunks = readChunks(file, 12, length);
  const [first] = chunks;
  if (!first) throw file.damaged("it has no picture");
  const size = first.name === "VP8X" ? canvasSize(file, first) : pictureSize(file, first);
  const note = (name: string): Uint8Array | undefined => {
    const found = chunks.find((chunk) => chunk.name === name);
    return found && file.slice(found.at, found.length);
  };
  const xmp = note("XMP ");
  const frame = chunks.find(({ name }) => name === "ANMF");
  return {
    ...size,
    notes: { exif: note("EXIF"), xmp: xmp && latin1(xmp) },
    decode: () => (frame ? decodeFrame(file, frame, size) : decode(file, file.bytes, size)),
  };
}

function readChunks(file: FileView, start: number, end: number): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = start; at + 8 <= end;) {
    const length = file.uint32(at + 4, true);
    chunks.push({ name: file.text(at, 4), at: at + 8, length });
    at += 8 + length + (length & 1);
  }
  return chunks;
}

/** Three bytes, the lowest first. */
const uint24 = (file: FileView, at: number): number => file.uint16(at, true) | (file.uint8(at + 2) << 16);

const canvasSize = (file: FileView, { at }: Chunk): Size => ({ width: 1 + uint24(file, at + 4), height: 1 + uint24(file, at + 7) });

/** From the lossy or the lossless stream. */
function pictureSize(file: FileView, { name, at }: Chunk): Size {
  if (name === "VP8 ") return { width: file.uint16(at + 6, true) & 0x3fff, height: file.uint16(at + 8, true) & 0x3fff };
  if (name !== "VP8L") throw file.damaged(`it begins with ${JSON.stringify(name)}`);
  const bits = file.uint32(at + 1, true);
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
}

/** What the frame doesn't cover is black, as everything see-through becomes. */
async function decodeFrame(file: FileView, { at, length }: Chunk, { width, height }: Size): Promise<RgbImage> {
  const [left, top] = [2 * uint24(file, at), 2 * uint24(file, at + 3)];
  const size = { width: 1 + uint24(file, at + 6), height: 1 + uint24(file, at + 9) };
  if (left + size.width > width || top + size.height > height) throw file.damaged("its first frame reaches beyond the canvas");
  const frame = await decode(file, stillPicture(file.slice(at + 16, length - 16), size), size);
  const data = new Uint8Array(3 * width * height);
  for (let row = 0; row < size.height; row++) {
    data.set(frame.data.subarray(3 * row * size.width, 3 * (row + 1) * size.width), 3 * ((top + row) * width + left));
  }
  return { width, height, data };
}

/** The frame's streams in a file of their own. */
function stillPicture(streams: Uint8Array, { width, height }: Size): Uint8Array {
  const file = new Uint8Array(30 + streams.length);
  const view = new DataView(file.buffer);
  const write = (text: string, at: number): void => file.set(new TextEncoder().encode(text), at);
  write("RIFF", 0);
  view.setUint32(4, file.length - 8, true);
  write("WEBPVP8X", 8);
  view.setUint32(16, 10, true);
  file[20] = latin1(streams.subarray(0, 4)) === "VP8 " ? 0 : 0x10; // alpha, as ALPH or within VP8L
  view.setUint32(24, width - 1, true);
  view.setUint16(27, (height - 1) & 0xffff, true);
  file[26] = (width - 1) >> 16;
  file[29] = (height - 1) >> 16;
  file.set(streams, 30);
  return file;
}

async function decode(file: FileView, bytes: Uint8Array, { width, height }: Size): Promise<RgbImage> {
  const codec = await WasmCodec.start("WebP", compiled);
  const source = codec.lend(bytes);
  const size = codec.allocate(8);
  const pixels = codec.call("WebPDecodeRGBA", source, bytes.length, size, size + 4);
  if (pixels === 0) throw file.damaged("its pixels can't be decoded");
  const decoded = new FileView("WebP", codec.view(size, 8));
  if (decoded.uint32(0, true) !== width || decoded.uint32(4, true) !== height) throw file.damaged("its parts speak of other sizes");
  return { width, height, data: withoutAlpha(codec.view(pixels, 4 * width * height)) };
}
