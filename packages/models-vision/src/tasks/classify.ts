import { type BatchOptions, type Labels, noGrad, type Ranked, sigmoid, softmax, type Tensor, TensorError } from "@x/layers";
import {
  batchRules,
  checkModel,
  checkOptions,
  checkOutputs,
  inBatches,
  listOf,
  ranked,
  type RulesOf,
  scoringOf,
  wholeFrom,
} from "@x/layers/model";
import type { ImageInput } from "../image/input.ts";
import type { ImageProcessor } from "../image/image-processor.ts";

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
  /** From softmax over all classes; of a model for several labels at once, or with one output, each class's own sigmoid. */
  readonly probability: number;
}

export interface ClassifyOptions extends BatchOptions {
  /** How many classes to tell, the likeliest first. Default 5, or all if there are fewer. */
  readonly topK?: number | undefined;
}

const rules: RulesOf<ClassifyOptions> = { ...batchRules, topK: wholeFrom(1) };

/**
 * What is in an image: the likeliest classes with their probabilities. Of a list of images, a list for each.
 * @throws ImageError when something isn't an image
 * @throws TensorError when the model has no head, or gives a quantity, or topK isn't a whole number from 1 on
 * @throws the signal's reason when aborted
 */
export async function classify(model: ImageClassifier, image: ImageInput, options?: ClassifyOptions): Promise<Ranked<Classification>>;
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
  options: ClassifyOptions = {},
): Promise<Ranked<Classification> | Ranked<Classification>[]> {
  checkModel("classify", model, ["forward", "processor", "config.id2label"], "ViT, Swin or MLPMixer");
  checkOptions("classify", options, rules);
  const { topK = 5, ...task } = options;
  if (model.config.numLabels === 0) throw new TensorError("classify: this model has no head; load it with `labels` and train one");
  const { problemType, numLabels } = model.config;
  const toProbabilities = scoringOf("classify", problemType, numLabels) === "sigmoid" ? sigmoid : softmax;
  const results: Ranked<Classification>[] = [];
  for await (const batch of inBatches(listOf(images), task)) {
    using pixels = await model.processor.process(batch);
    using probabilities = noGrad(() => toProbabilities(model.forward(pixels))); // (B, classes)
    results.push(...batch.map((_, i) => best(probabilities, i, topK, model.config.id2label)));
  }
  return Array.isArray(images) ? results : ranked("classify", results[0] ?? []);
}

function best(probabilities: Tensor, row: number, topK: number, labels: Labels): Ranked<Classification> {
  const classes = probabilities.shape.at(-1) ?? 0;
  const values = checkOutputs(probabilities.data.subarray(row * classes, (row + 1) * classes));
  const order = Array.from(values.keys()).sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0));
  return ranked(
    "classify",
    order.slice(0, topK).map((id) => ({ id, label: labels[id] ?? `LABEL_${id}`, probability: values[id] ?? 0 })),
  );
}
