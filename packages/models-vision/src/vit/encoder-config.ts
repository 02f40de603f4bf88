import type { Choices, PixelSize, TransformerBlockConfig } from "@x/layers/model";

/** The Transformer over patches that ViT is, and MAE's encoder. Fields are Hugging Face's `config.json` keys in camelCase; the one below the line is our own. */
export interface EncoderConfig extends Required<Omit<TransformerBlockConfig, "layerscaleValue" | "useSwigluFfn">> {
  /** Of the input in pixels: a number for both sides, or height and width; other sizes work by interpolating the positions. */
  readonly imageSize: PixelSize;
  /** Side P of a patch in pixels. */
  readonly patchSize: number;
  readonly numChannels: number;
  readonly numHiddenLayers: number;
  readonly initializerRange: number;

  /** How positions are resampled for other image sizes: `cubic` as Hugging Face does it, `cubicAntialias` as timm does. */
  readonly positionInterpolation: "cubic" | "cubicAntialias";
}

/** ViT-B/16. */
export const encoderDefaults: EncoderConfig = {
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
  positionInterpolation: "cubic",
};

export const encoderChoices: Choices<EncoderConfig> = { imageSize: "sides", positionInterpolation: ["cubic", "cubicAntialias"] };
