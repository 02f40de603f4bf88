/** One decoder a file format. The libraries are loaded when a file of their format first comes. */
import { ImageError, type RgbImage } from "./rgb-image.ts";

export interface Decoder {
  readonly name: string;
  /** Whether the file's first bytes are this format's. */
  readonly matches: (bytes: Uint8Array) => boolean;
  /** Width and height from the header, before anything is decoded; undefined where they can't be told so. */
  readonly size: (bytes: Uint8Array) => { readonly width: number; readonly height: number } | undefined;
  readonly decode: (bytes: Uint8Array) => Promise<RgbImage>;
}

const startsWith =
  (...start: number[]) =>
  (bytes: Uint8Array): boolean =>
    start.every((byte, i) => bytes[i] === byte);

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const png: Decoder = {
  name: "PNG",
  matches: startsWith(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
  size: (bytes) => (bytes.length < 24 ? undefined : { width: viewOf(bytes).getUint32(16), height: viewOf(bytes).getUint32(20) }),
  async decode(bytes) {
    const { decodePng } = await import("./png.ts");
    return decodePng(bytes);
  },
};

const jpeg: Decoder = {
  name: "JPEG",
  matches: startsWith(0xff, 0xd8, 0xff),
  size(bytes) {
    const frame = jpegFrame(bytes);
    return frame && { width: frame.width, height: frame.height };
  },
  async decode(bytes) {
    const frame = jpegFrame(bytes);
    if (!frame) throw new ImageError("JPEG: the file has no frame: it is cut short");
    const { decodeJpeg } = await import("#image-codec");
    return decodeJpeg(bytes, frame.components);
  },
};

/** The start-of-frame segment. */
function jpegFrame(bytes: Uint8Array): { width: number; height: number; components: number } | undefined {
  const view = viewOf(bytes);
  for (let at = 2; at + 10 <= bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at++; // padding
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7), components: bytes[at + 9] ?? 0 };
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

const gif: Decoder = {
  name: "GIF",
  matches: startsWith(0x47, 0x49, 0x46, 0x38),
  size: (bytes) => (bytes.length < 10 ? undefined : { width: viewOf(bytes).getUint16(6, true), height: viewOf(bytes).getUint16(8, true) }),
  async decode(bytes) {
    const { decodeGif } = await import("#image-codec");
    return decodeGif(bytes);
  },
};

const webp: Decoder = {
  name: "WebP",
  matches: (bytes) => startsWith(0x52, 0x49, 0x46, 0x46)(bytes) && startsWith(0x57, 0x45, 0x42, 0x50)(bytes.subarray(8)),
  size: () => undefined,
  async decode(bytes) {
    const { decodeWebp } = await import("#image-codec");
    return decodeWebp(bytes);
  },
};

const bmp: Decoder = {
  name: "BMP",
  matches: startsWith(0x42, 0x4d),
  size: (bytes) =>
    bytes.length < 26 ? undefined : { width: viewOf(bytes).getInt32(18, true), height: Math.abs(viewOf(bytes).getInt32(22, true)) },
  async decode(bytes) {
    const { decodeBmp } = await import("#image-codec");
    return decodeBmp(bytes);
  },
};

export const decoders: readonly Decoder[] = [png, jpeg, gif, webp, bmp];
