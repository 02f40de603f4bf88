import {
  type BatchOptions,
  type ItemErrors,
  type Labels,
  noGrad,
  type Ranked,
  sigmoid,
  softmax,
  type Tensor,
  TensorError,
} from "@x/layers";
import { batchRules, checkModel, checkOptions, itemErrorRules, listOf, ranked, type RulesOf, scoringOf, wholeFrom } from "@x/layers/model";
import type { ImageInput } from "../image/input.ts";
import type { ImageProcessor } from "../image/image-processor.ts";
import { runImages } from "./run-images.ts";

/** What `classify` needs of a model: ViT, Swin, MLPMixer. */
export interface ImageClassifier {
  readonly config: { readonly id2label: Labels; readonly numLabels: number; readonly problemType?: string | null | undefined };
  readonly processor: ImageProcessor;
  forward(images: Tensor): Tensor;
}

export interface Classification {
  readonly label: string;
  /** Number of the class. */
  readonly id: number;
  /** From softmax over all classes; of a model for several labels at once, or with one output, each class's own sigmoid; of a regression, the quantity as it is. */
  readonly probability: number;
}

export interface ClassifyOptions extends BatchOptions {
  /** How many classes to tell, the likeliest first. Default 5, or all if there are fewer. */
  readonly topK?: number | undefined;
}

const rules: RulesOf<ClassifyOptions & Partial<ItemErrors>> = { ...batchRules, ...itemErrorRules, topK: wholeFrom(1) };

/**
 * What is in an image: the likeliest classes with their probabilities. Of a list of images, a list for each.
 * @throws ImageError when something isn't an image
 * @throws TensorError when the model has no head, or topK isn't a whole number from 1 on
 * @throws the signal's reason when aborted
 */
export async function classify(model: ImageClassifier, image: ImageInput, options?: ClassifyOptions): Promise<Ranked<Classification>>;
export async function classify(
  model: ImageClassifier,
  images: readonly ImageInput[],
  options: ClassifyOptions & ItemErrors,
): Promise<(Ranked<Classification> | undefined)[]>;
export async function classify(
  model: ImageClassifier,
  images: readonly ImageInput[],
  options?: ClassifyOptions,
): Promise<Ranked<Classification>[]>;
export async function classify(
  model: ImageClassifier,
  images: ImageInput | readonly ImageInput[],
  options?: ClassifyOptions,
): Promise<Ranked<Classification> | Ranked<Classification>[]>;
export async function classify(
  model: ImageClassifier,
  images: ImageInput | readonly ImageInput[],
  options: ClassifyOptions & Partial<ItemErrors> = {},
): Promise<Ranked<Classification> | undefined | (Ranked<Classification> | undefined)[]> {
  checkModel("classify", model, ["forward", "processor", "config.id2label"], "ViT, Swin or MLPMixer");
  checkOptions("classify", options, rules);
  const { topK = 5, ...task } = options;
  if (model.config.numLabels === 0) throw new TensorError("classify: this model has no head; load it with `labels` and train one");
  const { problemType, numLabels, id2label } = model.config;
  const scorings = { softmax, sigmoid, none: (logits: Tensor) => logits };
  const toProbabilities = scorings[scoringOf(problemType, numLabels)];
  const run = (pixels: Tensor): Tensor => noGrad(() => toProbabilities(model.forward(pixels))); // (B, classes)
  const results = await runImages(model.processor, listOf(images), task, run, (row) => best(row, topK, id2label));
  return Array.isArray(images) ? results : results[0];
}

function best(values: Float32Array, topK: number, labels: Labels): Ranked<Classification> {
  const order = Array.from(values.keys()).sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0));
  return ranked(
    "classify",
    order.slice(0, topK).map((id) => ({ id, label: labels[id] ?? `LABEL_${id}`, probability: values[id] ?? 0 })),
  );
}
