import { type PixelSize, sidesOf } from "@x/layers/model";

/** The side of a model's pictures, which are squares in every case. */
export const sideOf = (imageSize: PixelSize): number => sidesOf(imageSize)[0];
