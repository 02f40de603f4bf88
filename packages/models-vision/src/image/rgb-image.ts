import { XError } from "@x/layers";

/** A decoded image: 8-bit red, green, blue, row by row. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  /** height × width × 3 */
  readonly data: Uint8Array;
}

/** What isn't an image, is cut short, or is too large; or a processor's settings that can't be followed. */
export class ImageError extends XError {
  override readonly name = "ImageError";
}

/** @throws ImageError when the sizes aren't whole numbers from 1 on, or the data isn't as long as they say */
export function checkImage({ width, height, data }: RgbImage): void {
  checkSides(width, height);
  if (data.length !== 3 * width * height) {
    throw new ImageError(`an image of ${width} × ${height} has ${3 * width * height} bytes of red, green, blue, but ${data.length} came`);
  }
}

/** @throws ImageError when the sizes aren't whole numbers from 1 on */
export function checkSides(width: number, height: number): void {
  if ([width, height].every((side) => Number.isInteger(side) && side > 0)) return;
  throw new ImageError(`an image's sides are whole numbers from 1 on, but it is ${String(width)} × ${String(height)}`);
}
