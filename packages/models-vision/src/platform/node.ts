/** Node, Deno, Bun: codecs from libraries, loaded when a file of their format first comes. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { greyToRgb, withoutAlpha } from "../image/channels.ts";
import { ImageError, type RgbImage } from "../image/rgb-image.ts";

/** By libjpeg-turbo, which is what Pillow has: the same bytes. Four inks (CMYK) by a library of their own. */
export async function decodeJpeg(bytes: Uint8Array, components: number): Promise<RgbImage> {
  if (components === 4) {
    const { decode } = await import("jpeg-js");
    const { width, height, data } = decode(bytes, { useTArray: true, formatAsRGBA: false, maxMemoryUsageInMB: 4096, maxResolutionInMP: 4096 });
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
    const path = createRequire(import.meta.url).resolve("@jsquash/webp/codec/dec/webp_dec.wasm");
    await init(await WebAssembly.compile(await readFile(path)));
    const { width, height, data } = await decode(new Uint8Array(bytes).buffer);
    return { width, height, data: withoutAlpha(data) };
  });
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
