/** A Vision Transformer's shape. Fields are Hugging Face's `config.json` keys in camelCase; those below the line are our own. */
export interface ViTConfig {
  /** Side of the square input in pixels; other sizes work by interpolating the positions. */
  readonly imageSize: number;
  /** Side P of a patch in pixels. */
  readonly patchSize: number;
  readonly numChannels: number;
  /** Width D of a token. */
  readonly hiddenSize: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  /** Width of the feed-forward network inside. */
  readonly intermediateSize: number;
  readonly hiddenAct: string;
  readonly hiddenDropoutProb: number;
  readonly attentionProbsDropoutProb: number;
  readonly initializerRange: number;
  readonly layerNormEps: number;
  readonly qkvBias: boolean;
  /** Class names by number. */
  readonly id2label: Readonly<Record<number, string>>;

  /** Outputs of the head; 0 for a model without one. */
  readonly numLabels: number;
  /** What the head sees: the class token, or the mean of the patch tokens. */
  readonly pooling: "cls" | "mean";
  /** DeiT's distillation token with a head of its own. */
  readonly distilled: boolean;
  /** Stochastic depth of the last block; earlier ones rise to it linearly. */
  readonly dropPathRate: number;
  /** How positions are resampled for other image sizes: `cubic` as Hugging Face does it, `cubicAntialias` as timm does. */
  readonly positionInterpolation: "cubic" | "cubicAntialias";
}

/** ViT-B/16 on ImageNet-1k: what Hugging Face fills in for keys that a `config.json` leaves out. */
export const viTDefaults: ViTConfig = {
  imageSize: 224,
  patchSize: 16,
  numChannels: 3,
  hiddenSize: 768,
  numHiddenLayers: 12,
  numAttentionHeads: 12,
  intermediateSize: 3072,
  hiddenAct: "gelu",
  hiddenDropoutProb: 0,
  attentionProbsDropoutProb: 0,
  initializerRange: 0.02,
  layerNormEps: 1e-12,
  qkvBias: true,
  id2label: {},
  numLabels: 1000,
  pooling: "cls",
  distilled: false,
  dropPathRate: 0,
  positionInterpolation: "cubic",
};
