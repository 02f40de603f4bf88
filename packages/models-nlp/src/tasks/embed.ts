import { type BatchOptions, noGrad, type Tensor } from "@x/layers";
import type { Encoding, EncodeOptions } from "../tokenizer/encoding.ts";
import type { TextBatch } from "../tokenizer/text-batch.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { encodeEach, lengthLimit, runByLength, type TextModel, textsOf, tokenizerOf } from "./text-model.ts";
import { rowOf } from "./scores.ts";

/** What `embed` needs of a model: SentenceEncoder. */
export interface SentenceEmbedder extends TextModel {
  /** Most tokens of a text. Default: what the tokenizer's files declare. */
  readonly maxLength?: number;
  /** What is put before a text where nothing is said. Default nothing. */
  readonly defaultPrompt?: string | undefined;
  /** How many of an embedding's numbers are given. Default all. */
  readonly truncateDim?: number | undefined;
  /** text (B, N) → embeddings (B, D). @param options.promptLength how many tokens a prompt has that each text begins with */
  forward(text: TextBatch, options?: { readonly promptLength?: number }): Tensor;
}

export interface EmbedOptions extends BatchOptions, Pick<EncodeOptions, "truncation"> {
  /** Most tokens of a text, its prompt included. Default: the model's. */
  readonly maxLength?: number;
  /** Put before each text: `model.prompts.query`, or "" for nothing. Default: what the model's files say. */
  readonly prompt?: string;
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
  { maxLength = model.maxLength, prompt = model.defaultPrompt ?? "", truncation, ...task }: EmbedOptions = {},
): Promise<Float32Array | Float32Array[]> {
  const tokenizer = tokenizerOf(model, "embed");
  const options = { maxLength: lengthLimit(model, tokenizer, maxLength), ...(truncation && { truncation }) };
  const encodings = await encodeEach(textsOf(texts, "embed"), (text) => tokenizer.encode(prompt + text, options), task);
  const promptLength = prompt === "" ? 0 : promptTokens(tokenizer, prompt);
  const run = (batch: readonly Encoding[]): Float32Array[] => {
    const length = Math.max(1, ...batch.map(({ ids }) => ids.length));
    using inputs = tokenizer.pad(batch, { length });
    using embeddings = noGrad(() => model.forward(inputs, { promptLength })); // (B, D)
    return batch.map((_, i) => rowOf(embeddings.data, i, embeddings.shape.at(-1) ?? 0).slice(0, model.truncateDim));
  };
  const results = await runByLength(model, encodings, ({ ids }) => ids.length, run, task);
  return typeof texts === "string" ? (results[0] ?? new Float32Array()) : results;
}

/** A prompt's tokens with what the template puts before it, but not what it puts behind. */
function promptTokens(tokenizer: Tokenizer, prompt: string): number {
  const { ids } = tokenizer.encode(prompt, { truncation: "longestFirst" });
  return ids.length - (tokenizer.specialIds.has(ids.at(-1) ?? -1) ? 1 : 0);
}
