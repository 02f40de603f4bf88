import { patchCount, type PixelSize } from "@x/layers/model";
import type { ViTConfig } from "./config.ts";

/** What a forward pass of one image costs. A multiplication with its addition counts as two operations. */
export interface ViTCost {
  /** N = H · W / P², and the special tokens. */
  readonly numTokens: number;
  /** Q·Kᵀ and its product with V, in all layers: grows with the square of the tokens, so with 1 / P⁴. */
  readonly attentionFlops: number;
  /** All else: grows with the tokens. */
  readonly otherFlops: number;
}

/** Smaller patches and larger images mean more tokens: Dosovitskiy et al. 2021, §3.1. @param imageSize in pixels; default the config's */
export function viTCost(config: ViTConfig, imageSize: PixelSize = config.imageSize): ViTCost {
  const { patchSize, hiddenSize, intermediateSize, numHiddenLayers, numChannels, numLabels } = config;
  const numPatches = patchCount(imageSize, patchSize);
  const numTokens = numPatches + Number(config.classToken) + Number(config.distilled) + config.numRegisterTokens;
  const projections = 4 * hiddenSize ** 2 + (config.useSwigluFfn ? 3 : 2) * hiddenSize * intermediateSize; // query, key, value, output; the MLP
  return {
    numTokens,
    attentionFlops: numHiddenLayers * 2 * (2 * numTokens ** 2 * hiddenSize),
    otherFlops:
      2 * (numHiddenLayers * numTokens * projections + numPatches * numChannels * patchSize ** 2 * hiddenSize + hiddenSize * numLabels),
  };
}
