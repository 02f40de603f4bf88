import { type PixelSize, sidesOf } from "@x/layers/model";
import type { SwinConfig } from "./config.ts";
import { mergedSize } from "./patch-merging.ts";
import { type Size, windowGrid } from "./windows.ts";

/** What a forward pass of one image costs. A multiplication with its addition counts as two operations. */
export interface SwinCost {
  /** Window attention with its projections, in all layers: linear in the number of patches. Eq. 2. */
  readonly attentionFlops: number;
  /** What it would be if every patch saw every other: quadratic. Eq. 1. */
  readonly globalAttentionFlops: number;
  /** All else: patches, MLPs, merging, head. */
  readonly otherFlops: number;
}

/** Liu et al. 2021, §3.2, eqs. 1 and 2. @param imageSize in pixels; default the config's */
export function swinCost(config: SwinConfig, imageSize: PixelSize = config.imageSize): SwinCost {
  const { patchSize, embedDim, numChannels, windowSize, windowing, depths } = config;
  const [height, width] = sidesOf(imageSize);
  let size: Size = [Math.ceil(height / patchSize), Math.ceil(width / patchSize)];
  let [attention, globally, other] = [0, 0, area(size) * numChannels * patchSize ** 2 * embedDim];
  for (const [stage, depth] of depths.entries()) {
    const channels = embedDim * 2 ** stage;
    if (stage > 0) {
      size = mergedSize(size);
      other += area(size) * 2 * channels * channels; // 4C → 2C, which are this stage's 2C and C
    }
    const { padded, window } = windowGrid(size, typeof windowSize === "number" ? windowSize : (windowSize[stage] ?? 0), 0, windowing);
    const projections = (3 * area(padded) + area(size)) * channels ** 2;
    attention += depth * (projections + 2 * area(window) * area(padded) * channels);
    globally += depth * (4 * area(size) * channels ** 2 + 2 * area(size) ** 2 * channels);
    other += depth * 2 * area(size) * channels * Math.floor(channels * config.mlpRatio);
  }
  other += embedDim * 2 ** (depths.length - 1) * config.numLabels;
  return { attentionFlops: 2 * attention, globalAttentionFlops: 2 * globally, otherFlops: 2 * other };
}

const area = ([height, width]: Size): number => height * width;
