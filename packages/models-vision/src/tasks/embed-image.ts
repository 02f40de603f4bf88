import { type BatchOptions, noGrad, type Tensor } from "@x/layers";
import { batchRules, checkModel, checkOptions, checkOutputs, inBatches, listOf } from "@x/layers/model";
import type { ImageInput } from "../image/input.ts";
import type { ImageProcessor } from "../image/image-processor.ts";

/** What `embedImage` needs of a model: ViT, MAE, Swin, MLPMixer; CLIP. */
export type ImageEmbedder = { readonly processor: ImageProcessor } & (TokenEncoder | ImageEncoder);

interface TokenEncoder {
  /** images (B, C, H, W) → tokens (B, N, D) */
  encode(images: Tensor): Tensor;
  /** tokens (B, N, D) → one vector for each image (B, D) */
  pool(tokens: Tensor): Tensor;
}

interface ImageEncoder {
  /** images (B, C, H, W) → one vector for each (B, D) */
  encodeImages(images: Tensor): Tensor;
}

/**
 * An image as a vector (D), for search, clustering, and classifiers of one's own: what the model's head sees, or would see; of CLIP its place beside texts,
 * of length 1. Of a list of images, a vector for each.
 * @throws ImageError when something isn't an image
 * @throws the signal's reason when aborted
 */
export async function embedImage(model: ImageEmbedder, image: ImageInput, options?: BatchOptions): Promise<Float32Array>;
export async function embedImage(model: ImageEmbedder, images: readonly ImageInput[], options?: BatchOptions): Promise<Float32Array[]>;
export async function embedImage(
  model: ImageEmbedder,
  images: ImageInput | readonly ImageInput[],
  options?: BatchOptions,
): Promise<Float32Array | Float32Array[]>;
export async function embedImage(
  model: ImageEmbedder,
  images: ImageInput | readonly ImageInput[],
  options: BatchOptions = {},
): Promise<Float32Array | Float32Array[]> {
  checkModel("embedImage", model, ["processor"], "ViT, Swin or CLIP");
  checkOptions("embedImage", options, batchRules);
  const vectors: Float32Array[] = [];
  for await (const batch of inBatches(listOf(images), options)) {
    using pixels = await model.processor.process(batch);
    using embeddings = noGrad(() => ("encodeImages" in model ? model.encodeImages(pixels) : model.pool(model.encode(pixels)))); // (B, D)
    const width = embeddings.shape.at(-1) ?? 0;
    vectors.push(...batch.map((_, i) => checkOutputs(embeddings.data.slice(i * width, (i + 1) * width))));
  }
  return Array.isArray(images) ? vectors : (vectors[0] ?? new Float32Array());
}
