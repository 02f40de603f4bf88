import { ShapeError, type Tensor } from "@x/layers";
import { toGrey } from "../image/channels.ts";
import { resizeImage } from "../image/resize.ts";
import type { RgbImage } from "../image/rgb-image.ts";

/** From little to much, after matplotlib's "inferno". */
const colours = [
  [0, 0, 4],
  [87, 16, 110],
  [188, 55, 84],
  [249, 142, 9],
  [252, 255, 164],
] as const;

/**
 * A picture with weights over it: grey where there is little, bright where there is most. Weights are stretched from their least to their greatest and
 * drawn out over the picture, bicubic.
 * @param weights (rows, columns), or (1, rows, columns), such as `attentionMap` gives of one picture
 * @throws ShapeError when they have other axes
 */
export function heatMap(image: RgbImage, weights: Tensor): RgbImage {
  const [columns = 0, rows = 0, ...others] = weights.shape.toReversed();
  if (weights.shape.length < 2 || others.some((length) => length !== 1))
    throw new ShapeError("heatMap", "weights are (rows, columns) of one picture", { weights: weights.shape });
  const values = weights.toTypedArray();
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const data = new Uint8Array(3 * values.length);
  for (const [at, value] of values.entries()) data.fill((255 * (value - least)) / (most - least || 1), 3 * at, 3 * at + 3);
  const { width, height } = image;
  const heat = resizeImage({ width: columns, height: rows, data }, width, height, "bicubic").data;
  const mixed = toGrey(image).data.map((grey, at) => {
    const share = (heat[at] ?? 0) / 255;
    return (1 - 0.75 * share) * 0.6 * grey + 0.75 * share * colourAt(share, at % 3);
  });
  return { width, height, data: mixed };
}

/** One of a colour's three numbers, between the colours that are named. */
function colourAt(share: number, channel: number): number {
  const place = share * (colours.length - 1);
  const below = Math.floor(place);
  const [from, to] = [below, Math.min(below + 1, colours.length - 1)].map((index) => colours[index]?.[channel] ?? 0) as [number, number];
  return from + (place - below) * (to - from);
}
