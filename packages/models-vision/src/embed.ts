import { noGrad, type Tensor } from "@x/layers";
import type { ImageInput } from "./image/decode.ts";
import type { ImageProcessor } from "./image/image-processor.ts";
import { type BatchOptions, inBatches, isList } from "./image-batches.ts";

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
  const vectors = await inBatches(model.processor, isList(images) ? images : [images], options, (pixels) => {
    using pooled = noGrad(() => model.pool(model.encode(pixels))); // (B, D)
    const [batch = 0, width = 0] = pooled.shape;
    return Array.from({ length: batch }, (_, i) => pooled.data.slice(i * width, (i + 1) * width));
  });
  return isList(images) ? vectors : (vectors[0] ?? new Float32Array());
}
