import { type BatchOptions, inBatches, listOf, matmul, noGrad, tensor, type Tensor } from "@x/layers";
import type { ImageInput } from "@x/models-vision";
import type { CLIP } from "./clip.ts";
import { tokenize, type TokenizeOptions } from "./text/tokenize.ts";

export interface EmbedTextOptions extends BatchOptions, TokenizeOptions {}

/**
 * One image or several → embeddings (B, E), rows of length 1. The caller frees them.
 * @throws ImageError when something isn't an image
 * @throws the signal's reason when aborted
 */
export async function embedImage(model: CLIP, images: ImageInput | readonly ImageInput[], options: BatchOptions = {}): Promise<Tensor> {
  return embedEach(listOf(images), model.config.projectionDim, options, async (batch) => {
    using pixels = await model.processor.process(batch);
    return noGrad(() => model.encodeImages(pixels));
  });
}

/**
 * One text or several → embeddings (B, E), rows of length 1. The caller frees them.
 * @throws TensorError when the model has no tokenizer
 * @throws TokenizerError when a text is too long and `truncation` doesn't say what to cut
 * @throws the signal's reason when aborted
 */
export async function embedText(model: CLIP, texts: string | readonly string[], options: EmbedTextOptions = {}): Promise<Tensor> {
  const { truncation = "error" } = options;
  return embedEach(listOf(texts), model.config.projectionDim, options, async (batch) =>
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

/** Items → embeddings (items, width). */
async function embedEach<Item>(
  items: readonly Item[],
  width: number,
  options: BatchOptions,
  embed: (batch: readonly Item[]) => Promise<Tensor>,
): Promise<Tensor> {
  const all = new Float32Array(items.length * width);
  let at = 0;
  for await (const batch of inBatches(items, options)) {
    using embeddings = await embed(batch); // (B, width)
    all.set(embeddings.data, at);
    at += embeddings.size;
  }
  return tensor(all, [items.length, width]);
}
