import { patchCount } from "@x/layers/model";
import type { MAEConfig } from "./config.ts";

/** What a forward pass of one image costs. A multiplication with its addition counts as two operations. */
export interface MAECost {
  /** Tokens that the encoder sees: the kept patches and the class token. */
  readonly numVisible: number;
  readonly encoderFlops: number;
  /** What the encoder would cost with all patches, as in an autoencoder that puts mask tokens into it. */
  readonly encoderFlopsUnmasked: number;
  readonly decoderFlops: number;
}

/** Why masking pays: the encoder works on a quarter of the tokens, and only the small decoder sees them all. He et al. 2022, §3 and table 2. */
export function maeCost(config: MAEConfig): MAECost {
  const { patchSize, numChannels, hiddenSize, decoderHiddenSize } = config;
  const numPatches = patchCount(config.imageSize, patchSize);
  const numVisible = 1 + Math.trunc(numPatches * (1 - config.maskRatio));
  const patchLength = numChannels * patchSize ** 2;
  const embedding = 2 * numPatches * patchLength * hiddenSize;
  const encoder = (tokens: number): number => embedding + blockFlops(tokens, hiddenSize, config.intermediateSize) * config.numHiddenLayers;
  const ends = 2 * (numVisible * hiddenSize + (1 + numPatches) * patchLength) * decoderHiddenSize;
  return {
    numVisible,
    encoderFlops: encoder(numVisible),
    encoderFlopsUnmasked: encoder(1 + numPatches),
    decoderFlops: ends + blockFlops(1 + numPatches, decoderHiddenSize, config.decoderIntermediateSize) * config.decoderNumHiddenLayers,
  };
}

/** Projections and MLP, then Q·Kᵀ and its product with V. */
const blockFlops = (tokens: number, width: number, inner: number): number =>
  2 * (tokens * (4 * width ** 2 + 2 * width * inner) + 2 * tokens ** 2 * width);
