import type { Draws } from "@x/layers/model";
import { toGrey } from "../channels.ts";
import type { RgbImage } from "../rgb-image.ts";

export interface ColorJitter {
  /** Factors are from 1 − brightness to 1 + brightness. Default 0: as it is. */
  readonly brightness?: number | undefined;
  readonly contrast?: number | undefined;
  readonly saturation?: number | undefined;
}

/** Brightness, contrast and saturation changed at random, in a random order: torchvision's `ColorJitter` without hue. */
export function colorJitter(image: RgbImage, draws: Draws, { brightness = 0, contrast = 0, saturation = 0 }: ColorJitter): RgbImage {
  const changes = [
    [brighter, brightness],
    [contrasted, contrast],
    [saturated, saturation],
  ] as const;
  return draws
    .shuffled(changes)
    .reduce((found, [change, most]) => (most > 0 ? change(found, draws.between(Math.max(0, 1 - most), 1 + most)) : found), image);
}

/** Between black and the image, or beyond it. Pillow's `ImageEnhance.Brightness`, byte for byte. */
export const brighter = (image: RgbImage, factor: number): RgbImage => blended(() => 0, image, factor);

/** Between the mean grey and the image, or beyond it. Pillow's `ImageEnhance.Contrast`. */
export function contrasted(image: RgbImage, factor: number): RgbImage {
  const grey = toGrey(image).data;
  let sum = 0;
  for (let at = 0; at < grey.length; at += 3) sum += grey[at] ?? 0;
  const mean = Math.trunc(sum / (grey.length / 3) + 0.5);
  return blended(() => mean, image, factor);
}

/** Between grey and the image, or beyond it. Pillow's `ImageEnhance.Color`. */
export function saturated(image: RgbImage, factor: number): RgbImage {
  const grey = toGrey(image).data;
  return blended((at) => grey[at] ?? 0, image, factor);
}

/** from + factor · (image − from), in float32, cut off after the point and at both ends, as Pillow blends. */
function blended(from: (at: number) => number, { width, height, data }: RgbImage, factor: number): RgbImage {
  const alpha = Math.fround(factor);
  const mixed = new Uint8Array(data.length);
  for (let at = 0; at < data.length; at++) {
    const begin = from(at);
    mixed[at] = Math.min(255, Math.max(0, Math.fround(begin + Math.fround(alpha * ((data[at] ?? 0) - begin)))));
  }
  return { width, height, data: mixed };
}
