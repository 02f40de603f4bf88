import type { Tensor } from "@x/layers";
import { checkImages } from "@x/layers/model";
import type { ImageProcessor } from "./image-processor.ts";
import type { RgbImage } from "./rgb-image.ts";

/**
 * Tensors as pictures again: what a processor's rescaling and normalising did is undone. Values beyond black and white are cut off.
 * @param images (B, C, H, W), of three channels or one
 * @param processor the model's: `model.processor`
 * @throws ShapeError when they are no such images
 */
export function toImages(images: Tensor, { config }: ImageProcessor): RgbImage[] {
  const { numChannels = 3, rescaleFactor = 1, imageMean, imageStd } = config;
  checkImages("toImages", images, numChannels);
  const [batch = 0, , height = 0, width = 0] = images.shape;
  const values = images.toTypedArray();
  const pixels = height * width;
  return Array.from({ length: batch }, (_, image) => {
    const data = new Uint8ClampedArray(3 * pixels);
    for (let at = 0; at < data.length; at++) {
      const channel = numChannels === 1 ? 0 : at % 3;
      const value = values[(image * numChannels + channel) * pixels + Math.floor(at / 3)] ?? 0;
      data[at] = (value * (imageStd?.[channel] ?? 1) + (imageMean?.[channel] ?? 0)) / rescaleFactor;
    }
    return { width, height, data: new Uint8Array(data.buffer) };
  });
}
