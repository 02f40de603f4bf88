import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { RgbImage } from "../image/rgb-image.ts";

/** WebP by Google's libwebp, compiled to WebAssembly. */
export async function decodeWebp(bytes: Uint8Array): Promise<RgbImage> {
  return withImageData(async () => {
    const { default: decode, init } = await import("@jsquash/webp/decode.js");
    const path = createRequire(import.meta.url).resolve("@jsquash/webp/codec/dec/webp_dec.wasm");
    await init(await WebAssembly.compile(await readFile(path)));
    const { width, height, data } = await decode(new Uint8Array(bytes).buffer);
    const rgb = new Uint8Array(3 * width * height);
    for (let i = 0; i < width * height; i++) for (let channel = 0; channel < 3; channel++) rgb[3 * i + channel] = data[4 * i + channel] ?? 0;
    return { width, height, data: rgb };
  });
}

/** The library builds its result with the browser's global `ImageData`; one is lent to it and taken away again. */
async function withImageData<T>(body: () => Promise<T>): Promise<T> {
  const before = Object.getOwnPropertyDescriptor(globalThis, "ImageData");
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
  if (!before) Object.defineProperty(globalThis, "ImageData", { value: LentImageData, configurable: true, writable: true });
  try {
    return await body();
  } finally {
    if (!before) Reflect.deleteProperty(globalThis, "ImageData");
  }
}
