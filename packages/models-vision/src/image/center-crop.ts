import type { RgbImage } from "./rgb-image.ts";

/** The middle of an image; where it is smaller than that, a black border around it. Hugging Face's `center_crop`. */
export function centerCrop(image: RgbImage, width: number, height: number): RgbImage {
  if (image.width === width && image.height === height) return image;
  const top = Math.floor((image.height - height) / 2);
  const left = Math.floor((image.width - width) / 2);
  return image.height >= height && image.width >= width
    ? cut(image, left, top, width, height)
    : cut(bordered(image, Math.max(width, image.width), Math.max(height, image.height)), ...cornerInBordered(image, width, height), width, height);
}

function cut(image: RgbImage, left: number, top: number, width: number, height: number): RgbImage {
  const data = new Uint8Array(3 * width * height);
  for (let row = 0; row < height; row++) {
    const from = 3 * ((top + row) * image.width + left);
    data.set(image.data.subarray(from, from + 3 * width), 3 * row * width);
  }
  return { width, height, data };
}

/** The image in the middle of a larger black one; an odd margin has its larger half above and to the left. */
function bordered(image: RgbImage, width: number, height: number): RgbImage {
  const data = new Uint8Array(3 * width * height);
  const [left, top] = [Math.ceil((width - image.width) / 2), Math.ceil((height - image.height) / 2)];
  for (let row = 0; row < image.height; row++) {
    data.set(image.data.subarray(3 * row * image.width, 3 * (row + 1) * image.width), 3 * ((top + row) * width + left));
  }
  return { width, height, data };
}

function cornerInBordered(image: RgbImage, width: number, height: number): [left: number, top: number] {
  const along = (size: number, side: number): number => Math.max(0, Math.floor((size - side) / 2) + Math.ceil((Math.max(size, side) - size) / 2));
  return [along(image.width, width), along(image.height, height)];
}
