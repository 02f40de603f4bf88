import { type BatchOptions, type ItemErrors, noGrad, type Tensor } from "@x/layers";
import {
  aText,
  batchRules,
  checkModel,
  checkOptions,
  type EmbeddingArrays,
  type EmbeddingPrecision,
  itemErrorRules,
  type PrecisionOptions,
  precisionRules,
  quantizeFound,
  type RulesOf,
  wholeFrom,
} from "@x/layers/model";
import type { Encoding, EncodeOptions } from "../tokenizer/encoding.ts";
import { lengthRules } from "../tokenizer/length.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { encodeTexts, lengthLimit, runByLength, type TextModel, textsOf, tokenizerOf } from "./text-model.ts";
import { rowOf } from "./scores.ts";

/** What `embedText` needs of a model: SentenceEncoder; CLIP. */
export interface TextEmbedder extends TextModel {
  /** Most tokens of a text. Default: what the tokenizer's files declare. */
  readonly maxLength?: number | undefined;
  /** What is put before a text where nothing is said. Default nothing. */
  readonly defaultPrompt?: string | undefined;
  /** How many of an embedding's numbers are given. Default all. */
  readonly truncateDim?: number | undefined;
  /**
   * inputIds (B, N) and attentionMask (B, N), 1 for a token → embeddings (B, D)
   * @param options.promptLength how many tokens a prompt has that each text begins with
   */
  encodeTexts(inputIds: Tensor<"int32">, attentionMask: Tensor<"int32">, options?: { readonly promptLength?: number | undefined }): Tensor;
}

export interface EmbedTextOptions<Precision extends EmbeddingPrecision = "float32">
  extends BatchOptions, Pick<EncodeOptions, "truncation">, PrecisionOptions<Precision> {
  /** Most tokens of a text, its prompt included. Default: the model's. */
  readonly maxLength?: number | undefined;
  /** Put before each text: `model.prompts.query`, or "" for nothing. Default: what the model's files say. */
  readonly prompt?: string | undefined;
  /** How many of an embedding's numbers to give, the first ones: of models that were trained for it (Kusupati et al. 2022). Default: the model's. */
  readonly truncateDim?: number | undefined;
}

export const embedTextRules: RulesOf<EmbedTextOptions> = {
  ...batchRules,
  ...lengthRules,
  ...precisionRules,
  prompt: aText,
  truncateDim: wholeFrom(1),
};

type AnyEmbedding = EmbeddingArrays[EmbeddingPrecision];

/**
 * What a text means, as D numbers, pooled and normalized as the model does it. Reimers & Gurevych 2019; of CLIP its place beside images. Of a list of
 * texts, one for each.
 * @throws TensorError when the model has no tokenizer
 * @throws TokenizerError when a text is too long and `truncation` doesn't say what to cut
 * @throws ArgumentError when one text alone is to be int8 or uint8, and no `ranges` are given
 * @throws the signal's reason when aborted
 */
export async function embedText<Precision extends EmbeddingPrecision = "float32">(
  model: TextEmbedder,
  text: string,
  options?: EmbedTextOptions<Precision>,
): Promise<EmbeddingArrays[Precision]>;
export async function embedText<Precision extends EmbeddingPrecision = "float32">(
  model: TextEmbedder,
  texts: readonly string[],
  options: EmbedTextOptions<Precision> & ItemErrors,
): Promise<(EmbeddingArrays[Precision] | undefined)[]>;
export async function embedText<Precision extends EmbeddingPrecision = "float32">(
  model: TextEmbedder,
  texts: readonly string[],
  options?: EmbedTextOptions<Precision>,
): Promise<EmbeddingArrays[Precision][]>;
export async function embedText<Precision extends EmbeddingPrecision = "float32">(
  model: TextEmbedder,
  texts: string | readonly string[],
  options?: EmbedTextOptions<Precision>,
): Promise<EmbeddingArrays[Precision] | EmbeddingArrays[Precision][]>;
export async function embedText(
  model: TextEmbedder,
  texts: string | readonly string[],
  options: EmbedTextOptions<EmbeddingPrecision> & Partial<ItemErrors> = {},
): Promise<AnyEmbedding | undefined | (AnyEmbedding | undefined)[]> {
  checkModel("embedText", model, ["encodeTexts", "tokenizer"], "SentenceEncoder or CLIP");
  checkOptions("embedText", options, { ...embedTextRules, ...itemErrorRules });
  const { maxLength = model.maxLength, prompt = model.defaultPrompt ?? "", truncation, ...others } = options;
  const { precision = "float32", ranges, truncateDim = model.truncateDim, ...task } = others;
  const tokenizer = tokenizerOf(model, "embedText");
  const limit = lengthLimit(model, tokenizer, maxLength);
  const encode = (text: string): Promise<Encoding> =>
    tokenizer.encodeAsync(prompt + text, { maxLength: limit, truncation, signal: task.signal });
  const encodings = await encodeTexts("embedText", textsOf(texts, "embedText"), encode, task);
  const promptLength = prompt === "" ? 0 : promptTokens(tokenizer, prompt);
  const run = (batch: readonly Encoding[]): Float32Array[] => {
    // A text may have no tokens at all: it becomes one of padding. OpenAI's tokenizer names no padding token: CLIP pads with 0, and never sees it.
    const length = Math.max(1, ...batch.map(({ ids }) => ids.length));
    using inputs = tokenizer.pad(batch, { padTokenId: tokenizer.special.pad ?? 0, length });
    using embeddings = noGrad(() => model.encodeTexts(inputs.inputIds, inputs.attentionMask, { promptLength })); // (B, D)
    return batch.map((_, i) => rowOf(embeddings.data, i, embeddings.shape.at(-1) ?? 0).slice(0, truncateDim));
  };
  const found = await runByLength(model, encodings, ({ ids }) => ids.length, run, task);
  const results = quantizeFound(found, precision, { ranges });
  return typeof texts === "string" ? results[0] : results;
}

/** A prompt's tokens with what the template puts before it, but not what it puts behind. */
function promptTokens(tokenizer: Tokenizer, prompt: string): number {
  const { ids } = tokenizer.encode(prompt, { truncation: "longestFirst" });
  return ids.length - (tokenizer.specialIds.has(ids.at(-1) ?? -1) ? 1 : 0);
}
