import { kindOf } from "@x/layers/model";
import { checkSides, ImageError, type RgbImage } from "./rgb-image.ts";

/** Red, green, blue without alpha: what shows through is not blended. */
export const withoutAlpha = (rgba: ArrayLike<number>): Uint8Array => toRgb(rgba, 4);

/** @param channels 1: grey; 2: grey and alpha; 3: red, green, blue; 4: and alpha. Alpha is dropped. */
export function toRgb(values: ArrayLike<number>, channels: number): Uint8Array {
  const count = values.length / channels;
  const [green, blue] = channels < 3 ? [0, 0] : [1, 2];
  const rgb = new Uint8Array(3 * count);
  for (let from = 0, to = 0; to < rgb.length; from += channels, to += 3) {
    rgb[to] = values[from] ?? 0;
    rgb[to + 1] = values[from + green] ?? 0;
    rgb[to + 2] = values[from + blue] ?? 0;
  }
  return rgb;
}

/** Brightness in all three channels: ITU-R 601-2 in fixed point, Pillow's `convert("L")`. */
export function toGrey({ width, height, data }: RgbImage): RgbImage {
  const grey = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    grey.fill((19_595 * (data[i] ?? 0) + 38_470 * (data[i + 1] ?? 0) + 7471 * (data[i + 2] ?? 0) + 0x8000) >> 16, i, i + 3);
  }
  return { width, height, data: grey };
}

/** Decoded pixels of any number of channels, told by their length. @throws ImageError when the length fits none, or the values aren't bytes */
export function rgbOf(width: number, height: number, data: ArrayLike<number>): RgbImage {
  checkSides(width, height);
  const channels = data.length / (width * height);
  if (![1, 2, 3, 4].includes(channels)) {
    const pixels = width * height;
    throw new ImageError(
      `an image of ${width} × ${height} has ${pixels} bytes of grey, ${3 * pixels} of red, green, blue, or ${4 * pixels} with alpha, but ${data.length} came`,
    );
  }
  if (!(ArrayBuffer.isView(data) && /^Uint8(Clamped)?Array$|^Buffer$/.test(kindOf(data)))) {
    for (let i = 0; i < data.length; i++) {
      const value = data[i];
      if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 255) continue;
      throw new ImageError(`pixels are bytes, whole numbers from 0 to 255, but number ${i} of ${kindOf(data)} is ${String(value)}`);
    }
  }
  return { width, height, data: channels === 3 && data instanceof Uint8Array ? data : toRgb(data, channels) };
}
