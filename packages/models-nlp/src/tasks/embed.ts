import { type BatchOptions, noGrad, type Tensor } from "@x/layers";
import type { Encoding, EncodeOptions } from "../tokenizer/encoding.ts";
import type { TextBatch } from "../tokenizer/text-batch.ts";
import { runByLength, type TextModel, tokenizerOf } from "./text-model.ts";
import { rowOf } from "./scores.ts";

/** What `embed` needs of a model: SentenceEncoder. */
export interface SentenceEmbedder extends TextModel {
  /** Most tokens of a text. Default: what the tokenizer's files declare. */
  readonly maxLength?: number | undefined;
  /** text (B, N) → embeddings (B, D) */
  forward(text: TextBatch): Tensor;
}

export interface EmbedOptions extends BatchOptions, Pick<EncodeOptions, "truncation"> {
  /** Most tokens of a text. Default: the model's. */
  readonly maxLength?: number | undefined;
}

/**
 * What a text means, as D numbers, pooled and normalized as the model does it. Reimers & Gurevych 2019. Of a list of texts, one for each.
 * @throws TensorError when the model has no tokenizer
 * @throws TokenizerError when a text is too long and `truncation` doesn't say what to cut
 * @throws the signal's reason when aborted
 */
export async function embed(model: SentenceEmbedder, text: string, options?: EmbedOptions): Promise<Float32Array>;
export async function embed(model: SentenceEmbedder, texts: readonly string[], options?: EmbedOptions): Promise<Float32Array[]>;
export async function embed(
  model: SentenceEmbedder,
  texts: string | readonly string[],
  { maxLength = model.maxLength, truncation, ...task }: EmbedOptions = {},
): Promise<Float32Array | Float32Array[]> {
  const tokenizer = tokenizerOf(model, "embed");
  const options = { ...(maxLength !== undefined && { maxLength }), ...(truncation && { truncation }) };
  const encodings = tokenizer.encodeBatch(typeof texts === "string" ? [texts] : texts, options);
  const run = (batch: readonly Encoding[]): Float32Array[] => {
    using inputs = tokenizer.pad(batch);
    using embeddings = noGrad(() => model.forward(inputs)); //              (B, D)
    return batch.map((_, i) => rowOf(embeddings.data, i, embeddings.shape.at(-1) ?? 0).slice());
  };
  const results = await runByLength(model, encodings, ({ ids }) => ids.length, run, task);
  return typeof texts === "string" ? (results[0] ?? new Float32Array()) : results;
}
