import type { Module, Rng, Tensor } from "@x/layers";
import { type ClassesConfig, classesOf, type ClassesOutcome, type Label } from "./classes.ts";
import type { Processor } from "./image.ts";
import type { Objective } from "./objective.ts";

/** What is needed of a model: ViT, Swin, MLPMixer… */
export interface ImageClassifierModel<Image> extends Module {
  readonly processor: Processor<Image>;
  readonly config: ClassesConfig;
  /** images (B, C, H, W) → logits (B, classes) */
  forward(images: Tensor): Tensor;
}

/** An image of a class, or of several. */
export interface ClassifiedImage<Image> {
  readonly image: Image;
  /** By name or number; several as a list, where the config's `problemType` says so; a number where it is a regression. */
  readonly label: Label | readonly Label[];
}

export interface ImageBatch {
  /** (B, C, H, W) */
  readonly images: Tensor;
  readonly targets: Tensor | Tensor<"int32">;
}

export interface ImageClassificationOptions<Image> {
  /** What images go through in training instead of the model's processor: one that crops and mirrors at random, say. */
  readonly processor?: Processor<Image> | undefined;
  /** What that draws from. Default nothing. */
  readonly rngs?: readonly Rng[] | undefined;
  /** Share of the target that is spread over all classes alike. Default 0. */
  readonly labelSmoothing?: number | undefined;
}

/**
 * Classes of images. Scores as `textClassification` has them, and top5 where there are more than five classes.
 * @throws ArgumentError when a label is none of the model's classes
 */
export function imageClassification<Image>(
  model: ImageClassifierModel<Image>,
  { processor, rngs, labelSmoothing = 0 }: ImageClassificationOptions<Image> = {},
): Objective<ClassifiedImage<Image>, ImageBatch, ClassesOutcome> {
  const classes = classesOf("imageClassification", model.config, labelSmoothing);
  return {
    model,
    rngs,
    async collate(examples) {
      const targets = classes.targetsOf(examples.map(({ label }) => label));
      try {
        const used = (model.training && processor) || model.processor;
        return { images: await used.process(examples.map(({ image }) => image)), targets };
      } catch (error) {
        targets.dispose();
        throw error;
      }
    },
    loss({ images, targets }) {
      const logits = model.forward(images); // (B, classes)
      return { loss: classes.loss(logits, targets), logits };
    },
    scores: () => classes.scores(),
  };
}
