import { ArgumentError } from "@x/layers";
import { completed, shown } from "@x/layers/model";
import type { TextEncoderConfig } from "../text-encoder/config.ts";
import type { PoolingMode } from "./pooling.ts";

/** A sentence encoder's shape: its encoder's, with what only that kind has (`embeddingSize`…), and what stands on it. */
export interface SentenceEncoderConfig extends TextEncoderConfig, SentenceSettings {
  readonly typeVocabSize?: number | undefined;
}

/** What is done with the tokens that an encoder gives, and with texts before they come to it. */
export interface SentenceSettings {
  /** How a text's tokens become one vector; of several, the vectors stand side by side. */
  readonly pooling: readonly PoolingMode[];
  /** Whether the tokens of a prompt are pooled with those of the text. */
  readonly includePrompt: boolean;
  /** Linear layers after pooling. */
  readonly dense: readonly DenseConfig[];
  /** Whether vectors have length 1. */
  readonly normalizes: boolean;
  /** How many of a vector's numbers `embedText` gives; undefined: all. */
  readonly truncateDim: number | undefined;
  /** Most tokens of a text, special ones included; undefined: what the tokenizer says, or as many as there are positions. */
  readonly maxLength: number | undefined;
  /** Whether a tokenizer that comes with the model lower-cases texts before anything else. */
  readonly lowerCases: boolean;
  /** What to put before a text by its use: `{ query: "query: " }`. */
  readonly prompts: Readonly<Record<string, string>>;
  /** Which of `prompts` `embedText` puts before a text where nothing is said; undefined: none. */
  readonly defaultPromptName: string | undefined;
  /** How vectors are to be compared, for whoever does: of "dot" by their products, which aren't cosines where vectors have any length. */
  readonly similarityFnName: SimilarityFunction;
}

export const similarityFunctions = ["cosine", "dot", "euclidean", "manhattan"] as const;
export type SimilarityFunction = (typeof similarityFunctions)[number];

/** (…, in) → activation((…, out)): sentence-transformers' `Dense`. */
export interface DenseConfig {
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly bias: boolean;
  readonly activation: "identity" | "tanh" | "relu" | "gelu" | "sigmoid" | "silu";
}

const sentenceDefaults: SentenceSettings = {
  pooling: ["mean"],
  includePrompt: true,
  dense: [],
  normalizes: true,
  truncateDim: undefined,
  maxLength: undefined,
  lowerCases: false,
  prompts: {},
  defaultPromptName: undefined,
  similarityFnName: "cosine",
};

/**
 * What is left out: the mean of the tokens, of length 1. Reimers & Gurevych 2019, §3.
 * @throws ArgumentError when truncateDim or maxLength isn't a whole number from 1 on, there is no pooling, defaultPromptName is no prompt's, or similarityFnName
 * isn't known
 */
export function sentenceSettings(given: Partial<SentenceSettings>): SentenceSettings {
  const asked = Object.entries(given).filter(([key]) => key in sentenceDefaults);
  const settings = completed<SentenceSettings>("SentenceEncoder", sentenceDefaults, Object.fromEntries(asked));
  const { truncateDim = 1, maxLength = 1, pooling, prompts, defaultPromptName: name, similarityFnName } = settings;
  for (const [setting, value] of Object.entries({ truncateDim, maxLength })) {
    if (!Number.isInteger(value) || value < 1)
      throw new ArgumentError("SentenceEncoder", `${setting} must be a whole number from 1 on`, `is ${shown(value)}`);
  }
  if (pooling.length === 0) throw new ArgumentError("SentenceEncoder", "pooling must have at least one mode", "has none");
  if (!similarityFunctions.includes(similarityFnName))
    throw new ArgumentError(
      "SentenceEncoder",
      `similarityFnName must be one of ${similarityFunctions.join(", ")}`,
      `is ${shown(similarityFnName)}`,
    );
  if (name !== undefined && !isPromptName(name, prompts))
    throw new ArgumentError("SentenceEncoder", `defaultPromptName must be one of ${Object.keys(prompts).join(", ")}`, `is "${name}"`);
  return settings;
}

/** "query" and "document" are names everywhere, as in sentence-transformers: of nothing, unless `prompts` say of what. */
export const isPromptName = (name: string, prompts: SentenceSettings["prompts"]): boolean =>
  Object.hasOwn(prompts, name) || name === "query" || name === "document";
