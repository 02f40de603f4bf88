import { ArgumentError, type Module, type Rng, type Tensor } from "@x/layers";
import { anObject, aShare, checkOptions, type RulesOf, shaped } from "@x/layers/model";
import { mix, type Mixing, sharesOf } from "../augment/mixing.ts";
import { type Erasing, randomErasing } from "../augment/random-erasing.ts";
import { softCrossEntropy } from "../losses/soft-cross-entropy.ts";
import { type ClassesConfig, classesOf, type ClassesOutcome, type Label } from "./classes.ts";
import type { Processor } from "./image.ts";
import type { Objective } from "./objective.ts";
import { distilledByToken, type TokenDistillation, tokenDistillationRules, twoHeaded } from "./token-distillation.ts";

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
  /** What images go through in training instead of the model's processor: a `TrainingProcessor` of `@x/models-vision`, which crops and mirrors at random. */
  readonly processor?: (Processor<Image> & { readonly rng?: Rng | undefined }) | undefined;
  /** Mixes images in training, where each has one class. Default none are. */
  readonly mixing?: Mixing | undefined;
  /** Fills a part of some images with noise in training. Default of none. */
  readonly erasing?: Erasing | undefined;
  /** Share of the target that is spread over all classes alike. Default 0. */
  readonly labelSmoothing?: number | undefined;
  /** A teacher that DeiT's distillation token learns from in training, beside the labels. Default none; `distillation` is for models of one head. */
  readonly distillation?: TokenDistillation | undefined;
}

const rules: RulesOf<ImageClassificationOptions<unknown>> = {
  processor: shaped("an image processor", "process"),
  mixing: anObject,
  erasing: anObject,
  labelSmoothing: aShare,
  distillation: anObject,
};

/**
 * Classes of images. Scores as `textClassification` has them, and top5 where there are more than five classes.
 * @throws ArgumentError when a label is none of the model's classes
 */
export function imageClassification<Image>(
  model: ImageClassifierModel<Image>,
  options: ImageClassificationOptions<Image> = {},
): Objective<ClassifiedImage<Image>, ImageBatch, ClassesOutcome> {
  checkOptions("imageClassification", options, rules);
  const { processor, mixing, erasing, labelSmoothing = 0, distillation: taught } = options;
  if (taught) checkOptions("imageClassification", taught, tokenDistillationRules);
  const student = taught && twoHeaded(model);
  const classes = classesOf("imageClassification", model.config, labelSmoothing);
  const numClasses = Object.keys(model.config.id2label).length;
  const rngs = [processor?.rng, mixing?.rng, erasing?.rng].filter((rng) => rng !== undefined);
  const augmented = (images: Tensor, targets: Tensor | Tensor<"int32">): ImageBatch => {
    if (erasing) randomErasing(images, erasing);
    if (!mixing) return { images, targets };
    if (!isOneEach(targets))
      throw new ArgumentError("imageClassification", "mixing is of images with one class each", "problemType is another");
    const shares = sharesOf(targets, numClasses, labelSmoothing);
    targets.dispose();
    mix(images, shares, mixing);
    return { images, targets: shares };
  };
  return {
    model,
    rngs,
    async collate(examples) {
      const targets = classes.targetsOf(examples.map(({ label }) => label));
      try {
        const used = (model.training && processor) || model.processor;
        const images = await used.process(examples.map(({ image }) => image));
        return model.training ? augmented(images, targets) : { images, targets };
      } catch (error) {
        targets.dispose();
        throw error;
      }
    },
    loss({ images, targets }) {
      const lossOf = (logits: Tensor): Tensor =>
        mixing && !isOneEach(targets) ? softCrossEntropy(logits, targets) : classes.loss(logits, targets);
      if (student && model.training) return distilledByToken(student, images, lossOf, taught);
      const logits = model.forward(images); // (B, classes)
      return { loss: lossOf(logits), logits };
    },
    scores: () => classes.scores(),
  };
}

const isOneEach = (targets: Tensor | Tensor<"int32">): targets is Tensor<"int32"> => targets.dtype === "int32";
