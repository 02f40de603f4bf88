import { normal } from "@x/testing";
import { intTensor } from "@x/layers";
import type { CLIPTextConfig, CLIPVisionConfig, ImageTextPairs, PartialCLIPConfig } from "../src/index.ts";

export const END = 29;

export const tinyText: Partial<CLIPTextConfig> = {
  vocabSize: 30,
  hiddenSize: 16,
  intermediateSize: 32,
  numHiddenLayers: 2,
  numAttentionHeads: 2,
  maxPositionEmbeddings: 8,
  eosTokenId: END,
};

export const tinyVision: Partial<CLIPVisionConfig> = {
  imageSize: 16,
  patchSize: 4,
  hiddenSize: 24,
  intermediateSize: 48,
  numHiddenLayers: 2,
  numAttentionHeads: 3,
};

export const tiny: PartialCLIPConfig = { projectionDim: 8, textConfig: tinyText, visionConfig: tinyVision };

export const tinyResNet: PartialCLIPConfig = {
  ...tiny,
  visionConfig: { modelType: "clip_resnet", imageSize: 64, width: 4, layers: [1, 2, 1, 1] },
};

/** Random images and texts of six tokens, the last [EOS]. */
export function pairs(count: number, seed: number, side = 16): ImageTextPairs {
  const words = normal([count, 5], seed + 1).data.map((value) => Math.abs(Math.round(value * 1000)) % 28);
  const ids = Array.from({ length: count }, (_, i) => [...words.subarray(i * 5, (i + 1) * 5), END]);
  return { images: normal([count, 3, side, side], seed), inputIds: intTensor(ids) };
}
