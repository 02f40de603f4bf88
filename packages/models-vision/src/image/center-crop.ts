import { roundedToEven } from "./processor-config.ts";
import type { RgbImage } from "./rgb-image.ts";

/**
 * The middle of an image; where it is smaller than that, a black border around it. Of an odd margin "down" takes the smaller half above and to the
 * left, as Hugging Face's `center_crop`; "even" takes torchvision's: half the margin, rounded to an even number.
 */
export function centerCrop(image: RgbImage, width: number, height: number, rounding: "down" | "even" = "down"): RgbImage {
  if (image.width === width && image.height === height) return image;
  if (image.height < height || image.width < width) {
    const larger = bordered(image, Math.max(width, image.width), Math.max(height, image.height), rounding);
    const [left, top] =
      rounding === "down"
        ? cornerInBordered(image, width, height)
        : [margin(larger.width, width, "even"), margin(larger.height, height, "even")];
    return cut(larger, left, top, width, height);
  }
  return cut(image, margin(image.width, width, rounding), margin(image.height, height, rounding), width, height);
}

function margin(size: number, side: number, rounding: "down" | "even"): number {
  return rounding === "down" ? Math.floor((size - side) / 2) : roundedToEven((size - side) / 2);
}

function cut(image: RgbImage, left: number, top: number, width: number, height: number): RgbImage {
  const data = new Uint8Array(3 * width * height);
  for (let row = 0; row < height; row++) {
    const from = 3 * ((top + row) * image.width + left);
    data.set(image.data.subarray(from, from + 3 * width), 3 * row * width);
  }
  return { width, height, data };
}

/** The image in the middle of a larger black one; of an odd margin Hugging Face has the larger half above and to the left, torchvision the smaller. */
function bordered(image: RgbImage, width: number, height: number, rounding: "down" | "even"): RgbImage {
  const data = new Uint8Array(3 * width * height);
  const share = rounding === "down" ? Math.ceil : Math.floor;
  const [left, top] = [share((width - image.width) / 2), share((height - image.height) / 2)];
  for (let row = 0; row < image.height; row++) {
    data.set(image.data.subarray(3 * row * image.width, 3 * (row + 1) * image.width), 3 * ((top + row) * width + left));
  }
  return { width, height, data };
}

function cornerInBordered(image: RgbImage, width: number, height: number): [left: number, top: number] {
  const along = (size: number, side: number): number =>
    Math.max(0, Math.floor((size - side) / 2) + Math.ceil((Math.max(size, side) - size) / 2));
  return [along(image.width, width), along(image.height, height)];
}
