import type { Draws } from "@x/layers/model";
import type { Resample } from "../resample.ts";
import { resizeImage, type Region } from "../resize.ts";
import type { RgbImage } from "../rgb-image.ts";

export interface RandomCropOptions {
  /** Least and most share of the image's area. Default [0.08, 1]. */
  readonly scale?: readonly [least: number, most: number] | undefined;
  /** Least and most width over height. Default [3/4, 4/3]. */
  readonly ratio?: readonly [least: number, most: number] | undefined;
}

/**
 * A part of the image, of random size, shape and place, at the size that is wanted. Szegedy et al. 2015, §6, "Inception" crops, as torchvision's
 * `RandomResizedCrop` draws them: of ten tries the first that fits, else the middle.
 */
export function randomCrop(
  image: RgbImage,
  size: { readonly width: number; readonly height: number },
  resample: Resample,
  draws: Draws,
  options: RandomCropOptions = {},
): RgbImage {
  return resizeImage(cropped(image, cropRegion(image, draws, options)), size.width, size.height, resample);
}

function cropRegion({ width, height }: RgbImage, draws: Draws, { scale = [0.08, 1], ratio = [3 / 4, 4 / 3] }: RandomCropOptions): Region {
  for (let tries = 0; tries < 10; tries++) {
    const area = width * height * draws.between(...scale);
    const aspect = draws.betweenRatios(...ratio);
    const [w, h] = [Math.round(Math.sqrt(area * aspect)), Math.round(Math.sqrt(area / aspect))];
    if (w > 0 && h > 0 && w <= width && h <= height)
      return { left: draws.below(width - w + 1), top: draws.below(height - h + 1), width: w, height: h };
  }
  const [least, most] = ratio;
  const aspect = Math.min(Math.max(width / height, least), most);
  const [w, h] = [Math.min(width, Math.round(height * aspect)), Math.min(height, Math.round(width / aspect))];
  return { left: (width - w) >> 1, top: (height - h) >> 1, width: w, height: h };
}

/** A part of an image, which lies in it. */
export function cropped(image: RgbImage, { left, top, width, height }: Region): RgbImage {
  const data = new Uint8Array(3 * width * height);
  for (let row = 0; row < height; row++) {
    const from = 3 * ((top + row) * image.width + left);
    data.set(image.data.subarray(from, from + 3 * width), 3 * row * width);
  }
  return { width, height, data };
}

/** Left and right exchanged. */
export function mirrored({ width, height, data }: RgbImage): RgbImage {
  const turned = new Uint8Array(data.length);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const other = pixel - (pixel % width) + (width - 1 - (pixel % width));
    for (let channel = 0; channel < 3; channel++) turned[3 * other + channel] = data[3 * pixel + channel] ?? 0;
  }
  return { width, height, data: turned };
}
