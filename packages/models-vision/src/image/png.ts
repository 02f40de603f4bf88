import { decode } from "fast-png";
import type { RgbImage } from "./rgb-image.ts";

/** In every runtime by the same library, of which bundlers keep only the decoder. */
export function decodePng(bytes: Uint8Array): RgbImage {
  const { width, height, depth, channels, data, palette } = decode(bytes);
  const rgb = new Uint8Array(3 * width * height);
  // Colours keep their high byte; 16-bit grey is clipped instead, as Pillow's mode I;16 is.
  const eight = (value: number): number => (depth < 16 ? value : channels === 1 ? Math.min(value, 255) : value >> 8);
  const rowBytes = Math.ceil((width * depth) / 8);
  for (let i = 0; i < width * height; i++) {
    if (depth < 8 || palette) {
      const packed = depth < 8 ? bitsAt(data, Math.floor(i / width) * rowBytes, i % width, depth) : (data[i] ?? 0);
      const grey = (packed * 255) / (2 ** depth - 1);
      rgb.set(palette ? (palette[packed] ?? [0, 0, 0]).slice(0, 3) : [grey, grey, grey], 3 * i);
    } else {
      const first = i * channels;
      const red = eight(data[first] ?? 0);
      rgb.set(channels < 3 ? [red, red, red] : [red, eight(data[first + 1] ?? 0), eight(data[first + 2] ?? 0)], 3 * i);
    }
  }
  return { width, height, data: rgb };
}

/** Number `index` of a row of numbers of 1, 2 or 4 bits, the first in the highest bits. */
function bitsAt(data: ArrayLike<number>, row: number, index: number, depth: number): number {
  const bit = index * depth;
  return ((data[row + (bit >> 3)] ?? 0) >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
}
