import type { BatchOptions, ItemErrors, Tensor } from "@x/layers";
import { attempt, checkOutputs, inBatches } from "@x/layers/model";
import { type ImageProcessor, placed } from "../image/image-processor.ts";
import type { ImageInput } from "../image/input.ts";
import type { RgbImage } from "../image/rgb-image.ts";

/**
 * Runs images through a model, batch by batch.
 * @param run pixels (B, C, H, W) → what its rows become, (B, …)
 * @param resultOf an image's result, from its row
 * @returns a result an image; undefined for those that `onError` is told of
 * @throws ImageError when something isn't an image, the signal's reason when aborted
 */
export async function runImages<Result>(
  processor: ImageProcessor,
  images: readonly ImageInput[],
  { onError, ...options }: BatchOptions & Partial<ItemErrors>,
  run: (pixels: Tensor) => Tensor,
  resultOf: (row: Float32Array) => Result,
): Promise<(Result | undefined)[]> {
  const { signal } = options;
  const results = images.map((): Result | undefined => undefined);
  for await (const places of inBatches([...images.keys()], options)) {
    const fitted = new Map<number, RgbImage>();
    for (const place of places) {
      const fit = (): Promise<RgbImage> => processor.fit(images[place] as ImageInput, { signal }).catch(placed(place, images.length));
      const image = await attempt(place, { onError, signal }, fit);
      if (image) fitted.set(place, image);
    }
    if (fitted.size === 0) continue;
    using pixels = processor.batch([...fitted.values()]);
    using outputs = run(pixels); //                                           (B, …)
    const width = outputs.size / fitted.size;
    for (const [row, place] of [...fitted.keys()].entries()) {
      const values = outputs.data.slice(row * width, (row + 1) * width);
      results[place] = await attempt(place, { onError, signal }, () => resultOf(checkOutputs(values)));
    }
  }
  return results;
}
