import type { Choices, PixelSize } from "@x/layers/model";

/** An MLP-Mixer's shape, with the names of the ViT config where they mean the same. */
export interface MLPMixerConfig {
  /** Of the input in pixels: a number for both sides, or height and width; fixed, because the token MLP's width is the number of patches. */
  readonly imageSize: PixelSize;
  /** Side P of a patch in pixels. */
  readonly patchSize: number;
  readonly numChannels: number;
  /** Width C of a token. */
  readonly hiddenSize: number;
  readonly numHiddenLayers: number;
  /** Inner width D_S of the MLP over tokens. */
  readonly tokensMlpDim: number;
  /** Inner width D_C of the MLP over channels. */
  readonly channelsMlpDim: number;
  readonly hiddenAct: string;
  readonly layerNormEps: number;
  /** Class names by number. */
  readonly id2label: Readonly<Record<number, string>>;
  /** Outputs of the head; 0 for a model without one. */
  readonly numLabels: number;
  /** Stochastic depth of the last block; earlier ones rise to it linearly. */
  readonly dropPathRate: number;
}

/** Mixer-B/16 on ImageNet-1k. */
export const mlpMixerDefaults: MLPMixerConfig = {
  imageSize: 224,
  patchSize: 16,
  numChannels: 3,
  hiddenSize: 768,
  numHiddenLayers: 12,
  tokensMlpDim: 384,
  channelsMlpDim: 3072,
  hiddenAct: "gelu",
  layerNormEps: 1e-6,
  id2label: {},
  numLabels: 1000,
  dropPathRate: 0,
};

export const mlpMixerChoices: Choices<MLPMixerConfig> = { imageSize: "sides" };
