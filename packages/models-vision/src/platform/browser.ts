/** Browsers and their workers: the browser decodes. */
import { withoutAlpha } from "../image/channels.ts";
import { ImageError, type RgbImage } from "../image/rgb-image.ts";

export const decodeJpeg = (bytes: Uint8Array): Promise<RgbImage> => decodeByBrowser(bytes, "image/jpeg");

export const decodeWebp = (bytes: Uint8Array): Promise<RgbImage> => decodeByBrowser(bytes, "image/webp");

export const decodeGif = (bytes: Uint8Array): Promise<RgbImage> => decodeByBrowser(bytes, "image/gif");

export const decodeBmp = (bytes: Uint8Array): Promise<RgbImage> => decodeByBrowser(bytes, "image/bmp");

/** Untouched pixels: no colour management, no blending, not turned (the caller does that). */
async function decodeByBrowser(bytes: Uint8Array, type: string): Promise<RgbImage> {
  const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type }), {
    colorSpaceConversion: "none",
    premultiplyAlpha: "none",
    imageOrientation: "none",
  });
  try {
    const { width, height } = bitmap;
    const context = new OffscreenCanvas(width, height).getContext("2d");
    if (!context) throw new ImageError("this browser gives no canvas to decode with");
    context.drawImage(bitmap, 0, 0);
    return { width, height, data: withoutAlpha(context.getImageData(0, 0, width, height).data) };
  } finally {
    bitmap.close();
  }
}
