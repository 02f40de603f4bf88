import { ArgumentError, type Rng, type Tensor } from "@x/layers";
import { anObject, aShare, checkOptions, Draws, fromZero, listOf, many, type RulesOf } from "@x/layers/model";
import { decodeImage } from "../decode.ts";
import type { ImageProcessor } from "../image-processor.ts";
import type { ImageInput } from "../input.ts";
import type { RgbImage } from "../rgb-image.ts";
import { type ColorJitter, colorJitter } from "./color-jitter.ts";
import { mirrored, randomCrop, type RandomCropOptions } from "./random-crop.ts";

export interface TrainingProcessorOptions extends RandomCropOptions {
  /** How likely an image is mirrored. Default 0.5. */
  readonly mirror?: number | undefined;
  /** How much its colours change. Default not at all. */
  readonly jitter?: ColorJitter | undefined;
}

const rules: RulesOf<TrainingProcessorOptions> = { scale: many(fromZero), ratio: many(fromZero), mirror: aShare, jitter: anObject };

/**
 * What images go through in training: a random part of each (`scale`, `ratio`), perhaps mirrored and in other colours, at the size that the model's processor
 * gives, then that processor's numbers. The same bits on every runtime.
 */
export class TrainingProcessor {
  readonly rng: Rng;
  readonly #processor: ImageProcessor;
  readonly #options: TrainingProcessorOptions;

  /** @throws ArgumentError when the processor leaves images at their own sizes */
  constructor(processor: ImageProcessor, rng: Rng, options: TrainingProcessorOptions = {}) {
    checkOptions("TrainingProcessor", options, rules);
    sizeOf(processor);
    this.rng = rng;
    this.#processor = processor;
    this.#options = options;
  }

  /** → (B, C, H, W). @throws ImageError when something isn't an image */
  async process(images: ImageInput | readonly ImageInput[]): Promise<Tensor> {
    const draws = new Draws(this.rng);
    const { mirror = 0.5, jitter = {}, ...crop } = this.#options;
    const fitted: RgbImage[] = [];
    for (const input of listOf(images)) {
      const part = randomCrop(await decodeImage(input), sizeOf(this.#processor), this.#processor.config.resample, draws, crop);
      fitted.push(colorJitter(draws.next() < mirror ? mirrored(part) : part, draws, jitter));
    }
    return this.#processor.batch(fitted);
  }
}

function sizeOf({ config: { size, cropSize } }: ImageProcessor): { readonly width: number; readonly height: number } {
  if (cropSize) return cropSize;
  if (size && "width" in size) return size;
  if (size && "shortestEdge" in size) return { width: size.shortestEdge, height: size.shortestEdge };
  throw new ArgumentError("TrainingProcessor", "the processor must bring images to one size", "it leaves them as they are");
}
