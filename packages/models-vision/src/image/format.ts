import type { EncodedImage } from "./formats/encoded-image.ts";
import { latin1 } from "./formats/file-view.ts";
import { ImageError } from "./rgb-image.ts";

/** A kind of file that can be read; its decoder is loaded when the first one comes. */
export interface ImageFormat {
  readonly name: string;
  readonly open: (bytes: Uint8Array, limits: { readonly maxScans: number }) => Promise<EncodedImage>;
}

type Begins = (start: string) => boolean;

const readable: readonly (ImageFormat & { readonly begins: Begins })[] = [
  {
    name: "PNG",
    begins: (start) => start.startsWith("\x89PNG\r\n\x1a\n"),
    open: async (bytes) => (await import("./formats/png.ts")).openPng(bytes),
  },
  {
    name: "JPEG",
    begins: (start) => start.startsWith("\xff\xd8\xff"),
    open: async (bytes, limits) => (await import("./formats/jpeg.ts")).openJpeg(bytes, limits),
  },
  {
    name: "GIF",
    begins: (start) => /^GIF8[79]a/.test(start),
    open: async (bytes) => (await import("./formats/gif.ts")).openGif(bytes),
  },
  {
    name: "WebP",
    begins: (start) => /^RIFF....WEBP/s.test(start),
    open: async (bytes) => (await import("./formats/webp.ts")).openWebp(bytes),
  },
  { name: "BMP", begins: (start) => start.startsWith("BM"), open: async (bytes) => (await import("./formats/bmp.ts")).openBmp(bytes) },
];

/** @throws ImageError that names what it is instead */
export async function formatOf(bytes: Uint8Array): Promise<ImageFormat> {
  if (bytes.length === 0) throw new ImageError("the image is empty: it has no bytes");
  const start = latin1(bytes.subarray(0, 16));
  const found = readable.find(({ begins }) => begins(start));
  if (found) return found;
  const { nameOf } = await import("./unreadable.ts");
  const names = readable.map(({ name }) => name);
  throw new ImageError(`${nameOf(bytes)}; ${names.slice(0, -1).join(", ")} and ${names.at(-1)} can`);
}
