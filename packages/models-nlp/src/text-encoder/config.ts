import type { Labels } from "@x/layers";
import type { ProblemType } from "@x/layers/model";

/** What all text encoders have in their config. Fields are Hugging Face's `config.json` keys in camelCase. */
export interface TextEncoderConfig {
  /** What Hugging Face's library calls its kind. */
  readonly modelType: string;
  readonly vocabSize: number;
  /** Width D of a token. */
  readonly hiddenSize: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  /** Width of the feed-forward network inside. */
  readonly intermediateSize: number;
  readonly hiddenAct: string;
  readonly hiddenDropoutProb: number;
  readonly attentionProbsDropoutProb: number;
  /** Rows of the table of positions. */
  readonly maxPositionEmbeddings: number;
  readonly initializerRange: number;
  readonly layerNormEps: number;
  readonly padTokenId: number;
  /** Dropout before a classifier; null: `hiddenDropoutProb`. */
  readonly classifierDropout?: number | null | undefined;
  /** Whether masked words are predicted with the word embeddings. Default true. */
  readonly tieWordEmbeddings?: boolean | undefined;
  /** Class names by number. */
  readonly id2label: Labels;
  /** What a sequence classifier's outputs are: one of the classes, any of them, or a quantity; null: one, or a quantity if there is one output. */
  readonly problemType?: ProblemType | null | undefined;
}

/** BERT-Base's. */
export const textEncoderDefaults = {
  hiddenSize: 768,
  numHiddenLayers: 12,
  numAttentionHeads: 12,
  intermediateSize: 3072,
  hiddenAct: "gelu",
  hiddenDropoutProb: 0.1,
  attentionProbsDropoutProb: 0.1,
  classifierDropout: null,
  maxPositionEmbeddings: 512,
  initializerRange: 0.02,
  layerNormEps: 1e-12,
  id2label: { 0: "LABEL_0", 1: "LABEL_1" },
  problemType: null,
} as const;
