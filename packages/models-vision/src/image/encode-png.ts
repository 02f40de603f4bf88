/** Pictures as PNG files: 8-bit red, green and blue, every row by itself. PNG specification, third edition, §5 and §9. */
import { zlibSync } from "fflate";
import { crc32 } from "./formats/checksums.ts";
import { checkImage, type RgbImage } from "./rgb-image.ts";

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** A picture as a PNG file's bytes. @throws ImageError when its data isn't as long as its sides say */
export function encodePng(image: RgbImage): Uint8Array<ArrayBuffer> {
  checkImage(image);
  const { width, height, data } = image;
  const rows = new Uint8Array(height * (1 + 3 * width)); // each begins with its filter: 1, the difference to the pixel before
  for (let row = 0, at = 0; row < height; row++) {
    rows[at++] = 1;
    for (let i = 0; i < 3 * width; i++, at++) {
      const from = 3 * width * row + i;
      rows[at] = (data[from] ?? 0) - (i < 3 ? 0 : (data[from - 3] ?? 0));
    }
  }
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint16(8, 0x0802); // 8 bits, red-green-blue
  const chunks = [
    chunk("IHDR", new Uint8Array(header.buffer)),
    chunk("IDAT", zlibSync(rows, { level: 6 })),
    chunk("IEND", new Uint8Array()),
  ];
  const file = new Uint8Array(signature.length + chunks.reduce((sum, { length }) => sum + length, 0));
  file.set(signature);
  let at = signature.length;
  for (const part of chunks) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

/** Length, kind, contents, checksum. */
function chunk(kind: string, contents: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + contents.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, contents.length);
  bytes.set(new TextEncoder().encode(kind), 4);
  bytes.set(contents, 8);
  view.setUint32(8 + contents.length, crc32(bytes.subarray(4, 8 + contents.length)));
  return bytes;
}
