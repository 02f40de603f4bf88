import type { RgbImage } from "../image/rgb-image.ts";
import { ImageError } from "../image/rgb-image.ts";

/** WebP by the browser itself. */
export async function decodeWebp(bytes: Uint8Array): Promise<RgbImage> {
  const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: "image/webp" }), {
    colorSpaceConversion: "none",
    premultiplyAlpha: "none",
    imageOrientation: "none",
  });
  try {
    const { width, height } = bitmap;
    const context = new OffscreenCanvas(width, height).getContext("2d");
    if (!context) throw new ImageError("WebP: this browser gives no canvas to decode with");
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    const rgb = new Uint8Array(3 * width * height);
    for (let i = 0; i < width * height; i++) for (let channel = 0; channel < 3; channel++) rgb[3 * i + channel] = data[4 * i + channel] ?? 0;
    return { width, height, data: rgb };
  } finally {
    bitmap.close();
  }
}
