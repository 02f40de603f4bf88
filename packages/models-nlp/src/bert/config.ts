/** A BERT's shape. Fields are Hugging Face's `config.json` keys in camelCase. */
export interface BertConfig {
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
  /** Dropout before a classifier; null: `hiddenDropoutProb`. */
  readonly classifierDropout: number | null;
  /** The most tokens of a text. */
  readonly maxPositionEmbeddings: number;
  readonly typeVocabSize: number;
  readonly initializerRange: number;
  readonly layerNormEps: number;
  readonly padTokenId: number;
  /** Class names by number. */
  readonly id2label: Readonly<Record<number, string>>;
  /** What a sequence classifier's outputs are: one of the classes, any of them, or a quantity. Hugging Face's `problem_type`; null: one, or a quantity if there is one output. */
  readonly problemType: "single_label_classification" | "multi_label_classification" | "regression" | null;
}

/** BERT-Base, uncased: what Hugging Face fills in for keys that a `config.json` leaves out. */
export const bertDefaults: BertConfig = {
  vocabSize: 30522,
  hiddenSize: 768,
  numHiddenLayers: 12,
  numAttentionHeads: 12,
  intermediateSize: 3072,
  hiddenAct: "gelu",
  hiddenDropoutProb: 0.1,
  attentionProbsDropoutProb: 0.1,
  classifierDropout: null,
  maxPositionEmbeddings: 512,
  typeVocabSize: 2,
  initializerRange: 0.02,
  layerNormEps: 1e-12,
  padTokenId: 0,
  id2label: { 0: "LABEL_0", 1: "LABEL_1" },
  problemType: null,
};
