import { type BertConfig, bertDefaults } from "../bert/config.ts";
import type { PoolingMode } from "./pooling.ts";

/** A sentence encoder's shape: BERT's, and what stands on it. */
export interface SentenceEncoderConfig extends BertConfig {
  /** How a text's tokens become one vector; of several, the vectors stand side by side. */
  readonly pooling: readonly PoolingMode[];
  /** Linear layers after pooling. */
  readonly dense: readonly DenseConfig[];
  /** Whether vectors have length 1. */
  readonly normalizes: boolean;
  /** Most tokens of a text, special ones included. */
  readonly maxLength: number;
  /** What to put before a text by its use: `{ query: "query: " }`. */
  readonly prompts: Readonly<Record<string, string>>;
}

/** (…, in) → activation((…, out)): sentence-transformers' `Dense`. */
export interface DenseConfig {
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly bias: boolean;
  readonly activation: "identity" | "tanh" | "relu" | "gelu";
}

/** The mean of BERT-Base's tokens, of length 1. Reimers & Gurevych 2019, §3. */
export function sentenceEncoderConfig(given: Partial<SentenceEncoderConfig>): SentenceEncoderConfig {
  const { maxPositionEmbeddings = bertDefaults.maxPositionEmbeddings } = given;
  return { ...bertDefaults, pooling: ["mean"], dense: [], normalizes: true, maxLength: maxPositionEmbeddings, prompts: {}, ...given };
}
