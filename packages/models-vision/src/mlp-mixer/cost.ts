import { patchCount } from "@x/layers/model";
import type { MLPMixerConfig } from "./config.ts";

/** What a forward pass of one image costs. A multiplication with its addition counts as two operations. */
export interface MLPMixerCost {
  /** S = H · W / P². */
  readonly numPatches: number;
  /** The MLPs over tokens and over channels: both linear in S, because D_S doesn't depend on it. */
  readonly mixingFlops: number;
  /** Patches and head. */
  readonly otherFlops: number;
}

/** Tolstikhin et al. 2021, §2: "linear in the number of input patches, unlike ViT whose complexity is quadratic". */
export function mlpMixerCost(config: MLPMixerConfig): MLPMixerCost {
  const { patchSize, numChannels, hiddenSize, numHiddenLayers, tokensMlpDim, channelsMlpDim, numLabels } = config;
  const numPatches = patchCount(config.imageSize, patchSize);
  return {
    numPatches,
    mixingFlops: 2 * numHiddenLayers * 2 * numPatches * hiddenSize * (tokensMlpDim + channelsMlpDim),
    otherFlops: 2 * hiddenSize * (numPatches * numChannels * patchSize ** 2 + numLabels),
  };
}
