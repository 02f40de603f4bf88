import type { Tensor } from "@x/layers";
import type { ImageInput } from "./image/decode.ts";
import type { ImageProcessor } from "./image/image-processor.ts";

export interface BatchOptions {
  /** Images that go through the model together. Default 8. */
  readonly batchSize?: number;
  /** Called after every batch. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  readonly signal?: AbortSignal;
}

/**
 * Decodes and processes images batch by batch, hands each batch of pixels (B, C, H, W) to `run` and frees it, and gathers what comes back, one for each image.
 * @throws ImageError when something isn't an image
 * @throws the signal's reason when aborted
 */
export async function inBatches<Result>(
  processor: ImageProcessor,
  images: readonly ImageInput[],
  { batchSize = 8, onProgress, signal }: BatchOptions,
  run: (pixels: Tensor) => readonly Result[],
): Promise<Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < images.length; from += batchSize) {
    signal?.throwIfAborted();
    using pixels = await processor.process(images.slice(from, from + batchSize));
    results.push(...run(pixels));
    onProgress?.({ done: results.length, total: images.length });
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return results;
}

export const isList = (images: ImageInput | readonly ImageInput[]): images is readonly ImageInput[] => Array.isArray(images);
