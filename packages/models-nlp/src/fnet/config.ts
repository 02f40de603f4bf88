import type { Choices, ProblemType } from "@x/layers/model";

/** An FNet's shape. Fields are Hugging Face's `config.json` keys in camelCase; those below the line are our own. */
export interface FNetConfig {
  readonly modelType: "fnet";
  readonly vocabSize: number;
  /** Width D of a token. */
  readonly hiddenSize: number;
  readonly numHiddenLayers: number;
  /** Width of the feed-forward network inside. */
  readonly intermediateSize: number;
  readonly hiddenAct: string;
  readonly hiddenDropoutProb: number;
  /** The most tokens of a text; the linear mixer's only number of tokens. */
  readonly maxPositionEmbeddings: number;
  readonly typeVocabSize: number;
  readonly initializerRange: number;
  readonly layerNormEps: number;
  readonly padTokenId: number;
  /** Whether masked words are predicted with the word embeddings. Default true. */
  readonly tieWordEmbeddings?: boolean | undefined;
  /** Class names by number. */
  readonly id2label: Readonly<Record<number, string>>;
  /** What a sequence classifier's outputs are: one of the classes, any of them, or a quantity; null: one, or a quantity if there is one output. */
  readonly problemType: ProblemType | null;

  /** What mixes tokens in the layers without attention: §3.2's Fourier transform, or §3.3's learned matrices ("Linear"). */
  readonly mixer: "fourier" | "linear";
  /** Layers with self-attention: FNet-Hybrid, §4.3 and appendix A.3. */
  readonly numAttentionLayers: number;
  /** Where they are: the last layers, the first, those in the middle, or spread evenly. */
  readonly attentionLayout: "top" | "bottom" | "middle" | "mixed";
  readonly numAttentionHeads: number;
  readonly attentionProbsDropoutProb: number;
}

/** FNet-Base: what Hugging Face fills in for keys that a `config.json` leaves out. */
export const fNetDefaults: FNetConfig = {
  modelType: "fnet",
  vocabSize: 32000,
  hiddenSize: 768,
  numHiddenLayers: 12,
  intermediateSize: 3072,
  hiddenAct: "gelu_new",
  hiddenDropoutProb: 0.1,
  maxPositionEmbeddings: 512,
  typeVocabSize: 4,
  initializerRange: 0.02,
  layerNormEps: 1e-12,
  padTokenId: 3,
  tieWordEmbeddings: true,
  id2label: { 0: "LABEL_0", 1: "LABEL_1" },
  problemType: null,
  mixer: "fourier",
  numAttentionLayers: 0,
  attentionLayout: "top",
  numAttentionHeads: 12,
  attentionProbsDropoutProb: 0.1,
};

export const fNetChoices: Choices<FNetConfig> = { mixer: ["fourier", "linear"], attentionLayout: ["top", "bottom", "middle", "mixed"] };
