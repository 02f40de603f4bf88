import { completed } from "@x/layers/model";
import type { CLIPTransformerConfig } from "../config.ts";
import type { TextTowerConfig } from "../text/text-tower.ts";

/** A SigLIP's shape. Fields are Hugging Face's `config.json` keys in camelCase, nested as there. */
export interface SigLIPConfig {
  readonly textConfig: SigLIPTextConfig;
  readonly visionConfig: SigLIPVisionConfig;
}

/** The text tower. */
export interface SigLIPTextConfig extends TextTowerConfig {
  readonly modelType: "siglip_text_model";
  /** Length of the embeddings that images and texts share: the vision tower's width. */
  readonly projectionSize: number;
  /** What texts are padded with where there is no tokenizer to say. */
  readonly padTokenId: number;
}

/** The vision tower, whose features are pooled by attention. */
export interface SigLIPVisionConfig extends CLIPTransformerConfig {
  readonly modelType: "siglip_vision_model";
  /** Side of the square input in pixels; other sizes work by interpolating the positions. */
  readonly imageSize: number;
  readonly patchSize: number;
  readonly numChannels: number;
}

const transformer: CLIPTransformerConfig = {
  hiddenSize: 768,
  intermediateSize: 3072,
  numHiddenLayers: 12,
  numAttentionHeads: 12,
  hiddenAct: "gelu_pytorch_tanh",
  layerNormEps: 1e-6,
  attentionDropout: 0,
};

/** What Hugging Face fills in for keys that a `config.json` leaves out; together SigLIP's B/16. `projectionSize` is the text tower's width there. */
export const sigLIPTextDefaults: SigLIPTextConfig = {
  ...transformer,
  modelType: "siglip_text_model",
  vocabSize: 32000,
  maxPositionEmbeddings: 64,
  projectionSize: 768,
  padTokenId: 1,
};

export const sigLIPVisionDefaults: SigLIPVisionConfig = {
  ...transformer,
  modelType: "siglip_vision_model",
  imageSize: 224,
  patchSize: 16,
  numChannels: 3,
};

/** A config with fields left out. */
export interface PartialSigLIPConfig {
  readonly textConfig?: Partial<SigLIPTextConfig> | undefined;
  readonly visionConfig?: Partial<SigLIPVisionConfig> | undefined;
}

/** Fills in the defaults. @throws ArgumentError when a setting makes no sense */
export function sigLIPConfig({ textConfig = {}, visionConfig = {} }: PartialSigLIPConfig): SigLIPConfig {
  const { hiddenSize = sigLIPTextDefaults.hiddenSize } = textConfig;
  return {
    textConfig: completed("SigLIP's textConfig", { ...sigLIPTextDefaults, projectionSize: hiddenSize }, textConfig),
    visionConfig: completed("SigLIP's visionConfig", sigLIPVisionDefaults, visionConfig),
  };
}
