import type { Choices } from "@x/layers/model";
import { type TextEncoderConfig, textEncoderDefaults } from "../text-encoder/config.ts";

/** A ModernBERT's shape, under BERT's names where it has the same; the rest are Hugging Face's `config.json` keys in camelCase. */
export interface ModernBertConfig extends TextEncoderConfig {
  readonly modelType: "modernbert";
  /** Of each layer: whether its tokens see all others, or those nearby. Empty: every third sees all, the first among them. */
  readonly layerTypes: readonly string[];
  /** How many tokens one sees in the other layers, half of them to each side. */
  readonly localAttention: number;
  readonly globalRopeTheta: number;
  readonly localRopeTheta: number;
  /** Dropout inside the feed-forward network. */
  readonly mlpDropout: number;
  readonly normBias: boolean;
  readonly attentionBias: boolean;
  readonly mlpBias: boolean;
  /** Whether words' logits have a bias. */
  readonly decoderBias: boolean;
  /** Whether the layer before a head's last has one. */
  readonly classifierBias: boolean;
  readonly classifierActivation: string;
  /** What of a text its classifier reads: the first token, or the mean of all. */
  readonly classifierPooling: "cls" | "mean";
}

/** ModernBERT-Base: what Hugging Face fills in for keys that a `config.json` leaves out. */
export const modernBertDefaults: ModernBertConfig = {
  ...textEncoderDefaults,
  modelType: "modernbert",
  vocabSize: 50368,
  intermediateSize: 1152,
  numHiddenLayers: 22,
  maxPositionEmbeddings: 8192,
  layerNormEps: 1e-5,
  hiddenDropoutProb: 0,
  attentionProbsDropoutProb: 0,
  classifierDropout: 0,
  padTokenId: 50283,
  layerTypes: [],
  localAttention: 128,
  globalRopeTheta: 160000,
  localRopeTheta: 10000,
  mlpDropout: 0,
  normBias: false,
  attentionBias: false,
  mlpBias: false,
  decoderBias: true,
  classifierBias: false,
  classifierActivation: "gelu",
  classifierPooling: "cls",
  tieWordEmbeddings: true,
};

export const modernBertChoices: Choices<ModernBertConfig> = {
  classifierPooling: ["cls", "mean"],
  layerTypes: ["full_attention", "sliding_attention"],
};
