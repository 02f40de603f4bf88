import { type BatchOptions, type ItemErrors, noGrad, type Tensor } from "@x/layers";
import { batchRules, checkModel, checkOptions, itemErrorRules, listOf } from "@x/layers/model";
import type { ImageInput } from "../image/input.ts";
import type { ImageProcessor } from "../image/image-processor.ts";
import { runImages } from "./run-images.ts";

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
export async function embedImage(
  model: ImageEmbedder,
  images: readonly ImageInput[],
  options: BatchOptions & ItemErrors,
): Promise<(Float32Array | undefined)[]>;
export async function embedImage(model: ImageEmbedder, images: readonly ImageInput[], options?: BatchOptions): Promise<Float32Array[]>;
export async function embedImage(
  model: ImageEmbedder,
  images: ImageInput | readonly ImageInput[],
  options?: BatchOptions,
): Promise<Float32Array | Float32Array[]>;
export async function embedImage(
  model: ImageEmbedder,
  images: ImageInput | readonly ImageInput[],
  options: BatchOptions & Partial<ItemErrors> = {},
): Promise<Float32Array | undefined | (Float32Array | undefined)[]> {
  checkModel("embedImage", model, ["processor"], "ViT, Swin or CLIP");
  checkOptions("embedImage", options, { ...batchRules, ...itemErrorRules });
  const run = (pixels: Tensor): Tensor =>
    noGrad(() => ("encodeImages" in model ? model.encodeImages(pixels) : model.pool(model.encode(pixels)))); // (B, D)
  const vectors = await runImages(model.processor, listOf(images), options, run, (row) => row);
  return Array.isArray(images) ? vectors : vectors[0];
}
