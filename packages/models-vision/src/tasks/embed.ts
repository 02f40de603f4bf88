import { type BatchOptions, inBatches, listOf, noGrad, type Tensor } from "@x/layers";
import type { ImageInput } from "../image/input.ts";
import type { ImageProcessor } from "../image/image-processor.ts";

/** What `embed` needs of a model: ViT, MAE, Swin, MLPMixer. */
export interface ImageEncoder {
  readonly processor: ImageProcessor;
  /** images (B, C, H, W) → tokens (B, N, D) */
  encode(images: Tensor): Tensor;
  /** tokens (B, N, D) → one vector for each image (B, D) */
  pool(tokens: Tensor): Tensor;
}

/**
 * An image as a vector (D): what the model's head sees, or would see. For search, clustering, and classifiers of one's own. Of a list of images, a vector for
 * each. Not normalised.
 * @throws ImageError when something isn't an image
 * @throws the signal's reason when aborted
 */
export async function embed(model: ImageEncoder, image: ImageInput, options?: BatchOptions): Promise<Float32Array>;
export async function embed(model: ImageEncoder, images: readonly ImageInput[], options?: BatchOptions): Promise<Float32Array[]>;
export async function embed(
  model: ImageEncoder,
  images: ImageInput | readonly ImageInput[],
  options: BatchOptions = {},
): Promise<Float32Array | Float32Array[]> {
  const vectors: Float32Array[] = [];
  for await (const batch of inBatches(listOf(images), options)) {
    using pixels = await model.processor.process(batch);
    using pooled = noGrad(() => model.pool(model.encode(pixels))); // (B, D)
    const width = pooled.shape.at(-1) ?? 0;
    vectors.push(...batch.map((_, i) => pooled.data.slice(i * width, (i + 1) * width)));
  }
  return Array.isArray(images) ? vectors : (vectors[0] ?? new Float32Array());
}
