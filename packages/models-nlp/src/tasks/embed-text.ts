import { type BatchOptions, noGrad, type Tensor } from "@x/layers";
import { checkModel } from "@x/layers/model";
import type { Encoding, EncodeOptions } from "../tokenizer/encoding.ts";
import { runByLength, type TextModel, tokenizerOf } from "./text-model.ts";
import { rowOf } from "./scores.ts";

/** What `embedText` needs of a model: SentenceEncoder; CLIP. */
export interface TextEmbedder extends TextModel {
  /** Most tokens of a text. Default: what the tokenizer's files declare. */
  readonly maxLength?: number | undefined;
  /** inputIds (B, N) and attentionMask (B, N), 1 for a token → embeddings (B, D) */
  encodeTexts(inputIds: Tensor<"int32">, attentionMask: Tensor<"int32">): Tensor;
}

export interface EmbedTextOptions extends BatchOptions, Pick<EncodeOptions, "truncation"> {
  /** Most tokens of a text. Default: the model's. */
  readonly maxLength?: number | undefined;
}

/**
 * What a text means, as D numbers, pooled and normalized as the model does it. Reimers & Gurevych 2019; of CLIP its place beside images. Of a list of
 * texts, one for each.
 * @throws TensorError when the model has no tokenizer
 * @throws TokenizerError when a text is too long and `truncation` doesn't say what to cut
 * @throws the signal's reason when aborted
 */
export async function embedText(model: TextEmbedder, text: string, options?: EmbedTextOptions): Promise<Float32Array>;
export async function embedText(model: TextEmbedder, texts: readonly string[], options?: EmbedTextOptions): Promise<Float32Array[]>;
export async function embedText(
  model: TextEmbedder,
  texts: string | readonly string[],
  options?: EmbedTextOptions,
): Promise<Float32Array | Float32Array[]>;
export async function embedText(
  model: TextEmbedder,
  texts: string | readonly string[],
  options: EmbedTextOptions = {},
): Promise<Float32Array | Float32Array[]> {
  checkModel("embedText", model, ["encodeTexts", "tokenizer"], "SentenceEncoder or CLIP");
  const { maxLength = model.maxLength, truncation, ...task } = options;
  const tokenizer = tokenizerOf(model, "embedText");
  const encodings = tokenizer.encodeBatch(typeof texts === "string" ? [texts] : texts, { maxLength, truncation });
  const run = (batch: readonly Encoding[]): Float32Array[] => {
    // OpenAI's tokenizer names no padding token: CLIP pads with 0, and never sees what stands behind the end of a text.
    using inputs = tokenizer.pad(batch, { padTokenId: tokenizer.special.pad ?? 0 });
    using embeddings = noGrad(() => model.encodeTexts(inputs.inputIds, inputs.attentionMask)); // (B, D)
    return batch.map((_, i) => rowOf(embeddings.data, i, embeddings.shape.at(-1) ?? 0).slice());
  };
  const results = await runByLength(model, encodings, ({ ids }) => ids.length, run, task);
  return typeof texts === "string" ? (results[0] ?? new Float32Array()) : results;
}
