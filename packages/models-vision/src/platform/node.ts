/** Node, Deno, Bun: codecs from libraries, loaded when a file of their format first comes. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Frame } from "omggif";
import { greyToRgb, withoutAlpha } from "../image/channels.ts";
import { ImageError, type RgbImage } from "../image/rgb-image.ts";

/** By libjpeg-turbo, which is what Pillow has: the same bytes. Four inks (CMYK) by a library of their own. */
export async function decodeJpeg(bytes: Uint8Array, components: number): Promise<RgbImage> {
  if (components === 4) {
    const { decode } = await import("jpeg-js");
    const { width, height, data } = decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      maxMemoryUsageInMB: 4096,
      maxResolutionInMP: 4096,
    });
    return { width, height, data: new Uint8Array(data) };
  }
  const { default: create } = await import("@cornerstonejs/codec-libjpeg-turbo-8bit/decode");
  const turbo = await create();
  const decoder = new turbo.JPEGDecoder();
  try {
    decoder.getEncodedBuffer(bytes.length).set(bytes);
    try {
      decoder.decode();
    } catch (cause) {
      throw new ImageError("JPEG: the file is damaged or cut short", { cause }); // what it throws is a number
    }
    const { width, height, componentCount } = decoder.getFrameInfo();
    const pixels = decoder.getDecodedBuffer();
    return { width, height, data: componentCount === 1 ? greyToRgb(pixels) : new Uint8Array(pixels) };
  } finally {
    decoder.delete();
  }
}

/** By Google's libwebp, compiled to WebAssembly. */
export async function decodeWebp(bytes: Uint8Array): Promise<RgbImage> {
  return withImageData(async () => {
    const { default: decode, init } = await import("@jsquash/webp/decode.js");
    await init(await WebAssembly.compile(await readFile(pathOf("@jsquash/webp/codec/dec/webp_dec.wasm"))));
    const { width, height, data } = await decode(new Uint8Array(bytes).buffer);
    return { width, height, data: withoutAlpha(data) };
  });
}

/** A function, so that bundlers for servers don't see a module in it: Turbopack would take the codec for one and fail. */
const pathOf = (file: string): string => createRequire(import.meta.url).resolve(file);

/** The first frame, by a library. */
export async function decodeGif(bytes: Uint8Array): Promise<RgbImage> {
  const { GifReader } = await import("omggif");
  const reader = new GifReader(bytes);
  const { width, height } = reader;
  const rgba = new Uint8Array(4 * width * height);
  fillTransparent(bytes, reader.frameInfo(0), rgba, width);
  reader.decodeAndBlitFrameRGBA(0, rgba);
  return { width, height, data: withoutAlpha(rgba) };
}

/** Transparent pixels show the colour that the palette has for them: alpha is dropped, and the library leaves them as they were. */
function fillTransparent(bytes: Uint8Array, frame: Frame, rgba: Uint8Array, width: number): void {
  const { transparent_index: index, palette_offset: palette } = frame;
  if (index === null || palette === null) return;
  const colour = bytes.subarray(palette + 3 * index, palette + 3 * index + 3);
  for (let row = frame.y; row < frame.y + frame.height; row++) {
    for (let column = frame.x; column < frame.x + frame.width; column++) rgba.set(colour, 4 * (row * width + column));
  }
}

/** By a library, which leaves palettes to us. */
export async function decodeBmp(bytes: Uint8Array): Promise<RgbImage> {
  const { decode } = await import("fast-bmp");
  const { width, height, channels, data } = decode(bytes);
  const pixels = ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(0);
  if (channels === 1) return { width, height, data: bmpColours(bytes, pixels) };
  return { width, height, data: channels === 4 ? withoutAlpha(pixels) : pixels.slice() };
}

/** Numbers through the palette, which follows the header as blue, green, red, unused. */
function bmpColours(bytes: Uint8Array, indices: Uint8Array): Uint8Array {
  const palette = bytes.subarray(14 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(14, true));
  const rgb = new Uint8Array(3 * indices.length);
  for (const [i, index] of indices.entries()) {
    for (let channel = 0; channel < 3; channel++) rgb[3 * i + channel] = palette[4 * index + 2 - channel] ?? 0;
  }
  return rgb;
}

/** The library builds its result with the browser's global `ImageData`; one is lent to it and taken away again. */
async function withImageData<T>(body: () => Promise<T>): Promise<T> {
  if ("ImageData" in globalThis) return body();
  class LentImageData {
    readonly data: Uint8ClampedArray;
    readonly width: number;
    readonly height: number;
    constructor(data: Uint8ClampedArray, width: number, height: number) {
      this.data = data;
      this.width = width;
      this.height = height;
    }
  }
  Object.defineProperty(globalThis, "ImageData", { value: LentImageData, configurable: true, writable: true });
  try {
    return await body();
  } finally {
    Reflect.deleteProperty(globalThis, "ImageData");
  }
}
