import { shown } from "@x/layers";
import { withoutAlpha } from "./channels.ts";
import { checkImage, ImageError, type RgbImage } from "./rgb-image.ts";
import { oriented, orientationOf } from "./orientation.ts";
import { type Decoder, decoders } from "./decoders.ts";

/** What counts as an image: an encoded file's bytes, decoded pixels, or what a canvas gives. */
export type ImageInput = Uint8Array | ArrayBuffer | Blob | RgbImage | ImageData;

export interface DecodeOptions {
  /** Images of more pixels are refused before anything is decoded. Default 178 956 970, where Pillow stops. */
  readonly maxPixels?: number | undefined;
}

/**
 * An image as Hugging Face's loader sees it: upright (EXIF orientation applied), first frame, 8-bit red, green and blue; alpha is dropped, not
 * blended. PNG, JPEG, GIF, WebP and BMP files; the same bits on every runtime.
 * @throws ImageError when it isn't an image, is cut short, or has more than `maxPixels`
 */
export async function decodeImage(input: ImageInput, { maxPixels = 178_956_970 }: DecodeOptions = {}): Promise<RgbImage> {
  if (typeof input !== "object" || input === null)
    throw new ImageError(
      `an image is a file's bytes, a Blob or pixels, but ${shown(input)} came; read what lies at a path or address first`,
    );
  if ("width" in input) {
    const image =
      input.data instanceof Uint8ClampedArray
        ? { width: input.width, height: input.height, data: withoutAlpha(input.data) }
        : { ...input, data: bytesOf(input.data) };
    checkImage(image);
    return image;
  }
  const bytes =
    input instanceof Blob ? new Uint8Array(await input.arrayBuffer()) : input instanceof Uint8Array ? input : new Uint8Array(input);
  if (bytes.length === 0) throw new ImageError("the image is empty: it has no bytes");
  const decoder = decoderFor(bytes);
  const size = decoder.size(bytes);
  if (size && (size.width === 0 || size.height === 0))
    throw new ImageError(`${decoder.name}: the image has no pixels: it is ${size.width} × ${size.height}`);
  if (size && size.width * size.height > maxPixels) {
    throw new ImageError(
      `${decoder.name}: an image of ${size.width} × ${size.height} is beyond the limit of ${maxPixels} pixels (maxPixels)`,
    );
  }
  let image: RgbImage;
  try {
    image = await decoder.decode(bytes);
  } catch (cause) {
    if (cause instanceof ImageError) throw cause;
    throw new ImageError(
      `${decoder.name}: the file is damaged or cut short: ${cause instanceof Error ? cause.message : "it can't be decoded"}`,
      { cause },
    );
  }
  checkImage(image);
  return oriented(image, await orientationOf(bytes, decoder.name));
}

function decoderFor(bytes: Uint8Array): Decoder {
  const found = decoders.find(({ matches }) => matches(bytes));
  if (found) return found;
  const start = Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  throw new ImageError(`not an image: expected ${decoders.map(({ name }) => name).join(", ")}, but the file begins with ${start}`);
}

const bytesOf = (data: Uint8Array | ArrayLike<number>): Uint8Array => (data instanceof Uint8Array ? data : Uint8Array.from(data));
