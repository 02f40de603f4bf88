import { aboveZero, aSignal, checkOptions, isError, type RulesOf } from "@x/layers/model";
import { formatOf } from "./format.ts";
import { type ImageInput, readInput } from "./input.ts";
import { checkImage, ImageError, type RgbImage } from "./rgb-image.ts";

/** What a file may ask for. */
export interface DecodeImageOptions {
  /**
   * Images of more pixels are refused before anything is decoded, and so are sizes to resize to, which are also refused beyond 2^24 pixels where that is more than
   * the image has. Default 178 956 970, where Pillow stops.
   */
  readonly maxPixels?: number | undefined;
  /**
   * Images of more than 16 777 216 pixels (2^24) are refused, too, when they have more than so many for each byte of their file: what a few bytes can claim
   * is bounded by them. Photographs have 1 to 10, drawings and scans up to some hundred. Default 16.
   */
  readonly maxPixelsPerByte?: number | undefined;
  /** Longer sides are refused. Pixels; default 100 000. */
  readonly maxSide?: number | undefined;
  /** JPEGs of more passes over all of the picture are refused; usual ones have 1 to 12. Default 32. */
  readonly maxScans?: number | undefined;
  /** Longer files and downloads are refused. Default 268 435 456 (2^28). */
  readonly maxBytes?: number | undefined;
  /** Seconds in which an address gives nothing, or less than a kilobyte, before it is given up. Default 30. */
  readonly idleTimeout?: number | undefined;
  /** Ends a download. */
  readonly signal?: AbortSignal | undefined;
}

/** Every limit, as a number. */
export type Limits = { readonly [limit in Exclude<keyof DecodeImageOptions, "signal">]-?: number };

const rules: RulesOf<DecodeImageOptions> = {
  maxPixels: aboveZero,
  maxPixelsPerByte: aboveZero,
  maxSide: aboveZero,
  maxScans: aboveZero,
  maxBytes: aboveZero,
  idleTimeout: aboveZero,
  signal: aSignal,
};

/** The same with everything said. @throws ArgumentError naming the one that isn't a number above 0 */
export function decodeLimits(options: DecodeImageOptions): Limits {
  checkOptions("decodeImage", options, rules);
  const {
    maxPixels = 178_956_970,
    maxPixelsPerByte = 16,
    maxSide = 100_000,
    maxScans = 32,
    maxBytes = 2 ** 28,
    idleTimeout = 30,
  } = options;
  return { maxPixels, maxPixelsPerByte, maxSide, maxScans, maxBytes, idleTimeout };
}

/**
 * An image as Hugging Face's loader sees it: upright (orientation by EXIF or XMP applied), first frame, 8-bit red, green and blue; alpha is dropped,
 * not blended; colour profiles are passed over. PNG, JPEG, GIF, WebP and BMP files: Pillow's pixels, the same on every runtime.
 * @throws ImageError when it isn't an image (saying what it is), can't be reached, is cut short or damaged, or is beyond a limit
 * @throws the signal's reason when aborted
 */
export async function decodeImage(input: ImageInput, options: DecodeImageOptions = {}): Promise<RgbImage> {
  const limits = decodeLimits(options);
  const read = await readInput(input, { ...limits, signal: options.signal });
  if ("image" in read) return read.image;
  try {
    return await decodeFile(read.bytes, limits);
  } catch (cause) {
    if (cause instanceof ImageError && read.place === undefined) throw cause;
    throw new ImageError(`${read.place === undefined ? "" : `${read.place}: `}${isError(cause) ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/** Pixels that any file may have, and that any may be resized to. */
export const ALWAYS_ALLOWED: number = 2 ** 24;

async function decodeFile(bytes: Uint8Array, limits: Limits): Promise<RgbImage> {
  const { name, open } = await formatOf(bytes);
  const file = await open(bytes, limits);
  const size = `${file.width} × ${file.height}`;
  if (file.width === 0 || file.height === 0) throw new ImageError(`${name}: the image has no pixels: it is ${size}`);
  if (file.width * file.height > limits.maxPixels) {
    throw new ImageError(`${name}: an image of ${size} is beyond the limit of ${limits.maxPixels} pixels (maxPixels)`);
  }
  if (file.width * file.height > Math.max(ALWAYS_ALLOWED, limits.maxPixelsPerByte * bytes.length)) {
    throw new ImageError(
      `${name}: an image of ${size} in ${bytes.length} bytes is beyond the limit of ${limits.maxPixelsPerByte} pixels a byte (maxPixelsPerByte)`,
    );
  }
  if (Math.max(file.width, file.height) > limits.maxSide) {
    throw new ImageError(`${name}: an image of ${size} is beyond the limit of ${limits.maxSide} pixels a side (maxSide)`);
  }
  const image = await file.decode();
  checkImage(image);
  if (file.notes?.exif === undefined && file.notes?.xmp === undefined) return image;
  const { oriented, orientationOf } = await import("./orientation.ts");
  return oriented(image, orientationOf(file.notes));
}
