import type { RgbImage } from "./rgb-image.ts";

/**
 * How the camera was held, from a file's EXIF: 1 (upright) to 8. Files without it are upright.
 * @param bytes the encoded file
 */
export function orientationOf(bytes: Uint8Array, format: string): number {
  const tiff = format === "JPEG" ? jpegExif(bytes) : format === "PNG" ? pngExif(bytes) : format === "WebP" ? webpExif(bytes) : undefined;
  return tiff ? orientationTag(tiff) : 1;
}

/** The image turned and mirrored so that it is upright. Numbers as in EXIF 2.3, tag 0x0112. */
export function oriented(image: RgbImage, orientation: number): RgbImage {
  if (orientation < 2 || orientation > 8) return image;
  const swapped = orientation >= 5;
  const mirroredAcross = [2, 3, 7, 8].includes(orientation);
  const mirroredDown = [3, 4, 6, 7].includes(orientation);
  const [width, height] = swapped ? [image.height, image.width] : [image.width, image.height];
  const data = new Uint8Array(image.data.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [r, c] = swapped ? [column, row] : [row, column];
      const fromRow = mirroredDown ? image.height - 1 - r : r;
      const fromColumn = mirroredAcross ? image.width - 1 - c : c;
      const from = 3 * (fromRow * image.width + fromColumn);
      const to = 3 * (row * width + column);
      data[to] = image.data[from] ?? 0;
      data[to + 1] = image.data[from + 1] ?? 0;
      data[to + 2] = image.data[from + 2] ?? 0;
    }
  }
  return { width, height, data };
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The TIFF block of the first APP1 segment that says Exif. */
function jpegExif(bytes: Uint8Array): Uint8Array | undefined {
  const view = viewOf(bytes);
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1];
    if (marker === 0xda) return undefined; // the picture begins
    const length = view.getUint16(at + 2);
    const isExif = marker === 0xe1 && text(bytes, at + 4, 4) === "Exif";
    if (isExif) return bytes.subarray(at + 10, at + 2 + length);
    at += 2 + length;
  }
  return undefined;
}

function pngExif(bytes: Uint8Array): Uint8Array | undefined {
  const view = viewOf(bytes);
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    if (text(bytes, at + 4, 4) === "eXIf") return bytes.subarray(at + 8, at + 8 + length);
    at += 12 + length;
  }
  return undefined;
}

function webpExif(bytes: Uint8Array): Uint8Array | undefined {
  const view = viewOf(bytes);
  for (let at = 12; at + 8 <= bytes.length;) {
    const length = view.getUint32(at + 4, true);
    if (text(bytes, at, 4) === "EXIF") {
      const block = bytes.subarray(at + 8, at + 8 + length);
      return text(block, 0, 4) === "Exif" ? block.subarray(6) : block;
    }
    at += 8 + length + (length & 1);
  }
  return undefined;
}

/** Tag 0x0112 of the first directory of a TIFF block; 1 where it has none or is damaged. */
function orientationTag(tiff: Uint8Array): number {
  if (tiff.length < 14) return 1;
  const view = viewOf(tiff);
  const little = tiff[0] === 0x49;
  const directory = view.getUint32(4, little);
  if (directory + 2 > tiff.length) return 1;
  const count = view.getUint16(directory, little);
  for (let i = 0, at = directory + 2; i < count && at + 12 <= tiff.length; i++, at += 12) {
    if (view.getUint16(at, little) === 0x0112) return view.getUint16(at + 8, little);
  }
  return 1;
}

const text = (bytes: Uint8Array, at: number, length: number): string => String.fromCharCode(...bytes.subarray(at, at + length));
