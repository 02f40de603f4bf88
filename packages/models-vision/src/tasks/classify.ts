import { type BatchOptions, inBatches, type Labels, listOf, noGrad, softmax, type Tensor, TensorError } from "@x/layers";
import type { ImageInput } from "../image/input.ts";
import type { ImageProcessor } from "../image/image-processor.ts";

/** What `classify` needs of a model: ViT, Swin, MLPMixer. */
export interface ImageClassifier {
  readonly config: { readonly id2label: Labels; readonly numLabels: number };
  readonly processor: ImageProcessor;
  forward(images: Tensor): Tensor;
}

export interface Classification {
  readonly label: string;
  /** Number of the class. */
  readonly id: number;
  /** From softmax over all classes. */
  readonly probability: number;
}

export interface ClassifyOptions extends BatchOptions {
  /** How many classes to tell, the likeliest first. Default 5, or all if there are fewer. */
  readonly topK?: number;
}

/**
 * What is in an image: the likeliest classes with their probabilities. Of a list of images, a list for each.
 * @throws ImageError when something isn't an image
 * @throws TensorError when the model has no head
 * @throws the signal's reason when aborted
 */
export async function classify(model: ImageClassifier, image: ImageInput, options?: ClassifyOptions): Promise<Classification[]>;
export async function classify(
  model: ImageClassifier,
  images: readonly ImageInput[],
  options?: ClassifyOptions,
): Promise<Classification[][]>;
export async function classify(
  model: ImageClassifier,
  images: ImageInput | readonly ImageInput[],
  { topK = 5, ...options }: ClassifyOptions = {},
): Promise<Classification[] | Classification[][]> {
  if (model.config.numLabels === 0) throw new TensorError("classify: this model has no head; load it with `labels` and train one");
  const results: Classification[][] = [];
  for await (const batch of inBatches(listOf(images), options)) {
    using pixels = await model.processor.process(batch);
    using probabilities = noGrad(() => softmax(model.forward(pixels))); // (B, classes)
    results.push(...batch.map((_, i) => best(probabilities, i, topK, model.config.id2label)));
  }
  return Array.isArray(images) ? results : (results[0] ?? []);
}

function best(probabilities: Tensor, row: number, topK: number, labels: Labels): Classification[] {
  const classes = probabilities.shape.at(-1) ?? 0;
  const values = probabilities.data.subarray(row * classes, (row + 1) * classes);
  const order = Array.from(values.keys()).sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0));
  return order.slice(0, topK).map((id) => ({ id, label: labels[id] ?? `LABEL_${id}`, probability: values[id] ?? 0 }));
}
