import { type BatchOptions, type ItemErrors, noGrad, type Tensor } from "@x/layers";
import {
  batchRules,
  checkModel,
  checkOptions,
  type EmbeddingArrays,
  type EmbeddingPrecision,
  itemErrorRules,
  listOf,
  type PrecisionOptions,
  precisionRules,
  quantizeFound,
  type RulesOf,
} from "@x/layers/model";
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

export interface EmbedImageOptions<Precision extends EmbeddingPrecision = "float32"> extends BatchOptions, PrecisionOptions<Precision> {}

const rules: RulesOf<EmbedImageOptions & Partial<ItemErrors>> = { ...batchRules, ...precisionRules, ...itemErrorRules };

type AnyEmbedding = EmbeddingArrays[EmbeddingPrecision];

/**
 * An image as a vector (D), for search, clustering, and classifiers of one's own: what the model's head sees, or would see; of CLIP its place beside texts,
 * of length 1. Of a list of images, a vector for each.
 * @throws ImageError when something isn't an image
 * @throws ArgumentError when one image alone is to be int8 or uint8, and no `ranges` are given
 * @throws the signal's reason when aborted
 */
export async function embedImage<Precision extends EmbeddingPrecision = "float32">(
  model: ImageEmbedder,
  image: ImageInput,
  options?: EmbedImageOptions<Precision>,
): Promise<EmbeddingArrays[Precision]>;
export async function embedImage<Precision extends EmbeddingPrecision = "float32">(
  model: ImageEmbedder,
  images: readonly ImageInput[],
  options: EmbedImageOptions<Precision> & ItemErrors,
): Promise<(EmbeddingArrays[Precision] | undefined)[]>;
export async function embedImage<Precision extends EmbeddingPrecision = "float32">(
  model: ImageEmbedder,
  images: readonly ImageInput[],
  options?: EmbedImageOptions<Precision>,
): Promise<EmbeddingArrays[Precision][]>;
export async function embedImage<Precision extends EmbeddingPrecision = "float32">(
  model: ImageEmbedder,
  images: ImageInput | readonly ImageInput[],
  options?: EmbedImageOptions<Precision>,
): Promise<EmbeddingArrays[Precision] | EmbeddingArrays[Precision][]>;
export async function embedImage(
  model: ImageEmbedder,
  images: ImageInput | readonly ImageInput[],
  options: EmbedImageOptions<EmbeddingPrecision> & Partial<ItemErrors> = {},
): Promise<AnyEmbedding | undefined | (AnyEmbedding | undefined)[]> {
  checkModel("embedImage", model, ["processor"], "ViT, Swin or CLIP");
  checkOptions("embedImage", options, rules);
  const { precision = "float32", ranges, ...task } = options;
  const run = (pixels: Tensor): Tensor =>
    noGrad(() => ("encodeImages" in model ? model.encodeImages(pixels) : model.pool(model.encode(pixels)))); // (B, D)
  const vectors = await runImages(model.processor, listOf(images), task, run, (row) => row);
  const results = quantizeFound(vectors, precision, { ranges });
  return Array.isArray(images) ? results : results[0];
}
