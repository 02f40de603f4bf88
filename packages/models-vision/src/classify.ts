import { noGrad, softmax, type Tensor, TensorError } from "@x/layers";
import type { ImageInput } from "./image/decode.ts";
import type { ImageProcessor } from "./image/image-processor.ts";
import type { Labels } from "./labels.ts";

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

export interface ClassifyOptions {
  /** How many classes to tell, the likeliest first. Default 5, or all if there are fewer. */
  readonly topK?: number;
  /** Images that go through the model together. Default 8. */
  readonly batchSize?: number;
  /** Called after every batch. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  readonly signal?: AbortSignal;
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
  { topK = 5, batchSize = 8, onProgress, signal }: ClassifyOptions = {},
): Promise<Classification[] | Classification[][]> {
  if (model.config.numLabels === 0) throw new TensorError("classify: this model has no head; load it with `labels` and train one");
  const list: readonly ImageInput[] = isList(images) ? images : [images];
  const results: Classification[][] = [];
  for (let from = 0; from < list.length; from += batchSize) {
    signal?.throwIfAborted();
    const pixels = await model.processor.process(list.slice(from, from + batchSize));
    const probabilities = noGrad(() => softmax(model.forward(pixels)));
    pixels.dispose();
    for (const i of Array(probabilities.shape[0]).keys()) results.push(best(probabilities, i, topK, model.config.id2label));
    probabilities.dispose();
    onProgress?.({ done: results.length, total: list.length });
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return isList(images) ? results : (results[0] ?? []);
}

function best(probabilities: Tensor, row: number, topK: number, labels: Labels): Classification[] {
  const classes = probabilities.shape.at(-1) ?? 0;
  const values = probabilities.data.subarray(row * classes, (row + 1) * classes);
  const order = Array.from(values.keys()).sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0));
  return order.slice(0, topK).map((id) => ({ id, label: labels[id] ?? `LABEL_${id}`, probability: values[id] ?? 0 }));
}

const isList = (images: ImageInput | readonly ImageInput[]): images is readonly ImageInput[] => Array.isArray(images);
