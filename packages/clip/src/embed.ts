import { empty, matmul, noGrad, type Tensor } from "@x/layers";
import type { ImageInput } from "@x/models-vision";
import type { CLIP } from "./clip.ts";
import { tokenize, type TokenizeOptions } from "./text/tokenize.ts";

export interface EmbedOptions {
  /** How many go through the model together. Default 8. */
  readonly batchSize?: number;
  /** Called after every batch. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  readonly signal?: AbortSignal;
}

export interface EmbedTextOptions extends EmbedOptions, TokenizeOptions {}

/**
 * One image or several → embeddings (B, E), rows of length 1. The caller, or the scope around, frees them.
 * @throws ImageError when something isn't an image
 * @throws the signal's reason when aborted
 */
export async function embedImage(model: CLIP, images: ImageInput | readonly ImageInput[], options: EmbedOptions = {}): Promise<Tensor> {
  const list = isList(images) ? images : [images];
  return inBatches(list, model.config.projectionDim, options, async (batch) => {
    using pixels = await model.processor.process(batch);
    return noGrad(() => model.encodeImages(pixels));
  });
}

/**
 * One text or several → embeddings (B, E), rows of length 1. The caller, or the scope around, frees them.
 * @throws TensorError when the model has no tokenizer
 * @throws TokenizerError when a text is too long and `truncation` doesn't say what to cut
 * @throws the signal's reason when aborted
 */
export async function embedText(model: CLIP, texts: string | readonly string[], options: EmbedTextOptions = {}): Promise<Tensor> {
  const { truncation = "error" } = options;
  const list = typeof texts === "string" ? [texts] : texts;
  return inBatches(list, model.config.projectionDim, options, async (batch) =>
    noGrad(() => {
      const { inputIds, attentionMask } = tokenize(model, batch, { truncation });
      return model.encodeTexts(inputIds, attentionMask);
    }),
  );
}

/** The cosine of every row of a with every row of b, which both have rows of length 1: a (A, E), b (B, E) → (A, B). */
export function similarity(a: Tensor, b: Tensor): Tensor {
  return matmul(a, b, { transposeB: true });
}

async function inBatches<T>(
  items: readonly T[],
  width: number,
  { batchSize = 8, onProgress, signal }: EmbedOptions,
  embed: (batch: readonly T[]) => Promise<Tensor>,
): Promise<Tensor> {
  const all = empty([items.length, width]);
  try {
    for (let from = 0; from < items.length; from += batchSize) {
      signal?.throwIfAborted();
      using embeddings = await embed(items.slice(from, from + batchSize));
      all.data.set(embeddings.data, from * width);
      onProgress?.({ done: Math.min(from + batchSize, items.length), total: items.length });
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    return all;
  } catch (error) {
    all.dispose();
    throw error;
  }
}

const isList = (images: ImageInput | readonly ImageInput[]): images is readonly ImageInput[] => Array.isArray(images);
