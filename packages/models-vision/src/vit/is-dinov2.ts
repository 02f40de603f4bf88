import type { ViTConfig } from "./config.ts";

/** Whether Hugging Face's DINOv2 has all its parts, and it all of DINOv2's. */
export function isDinoV2(config: ViTConfig): boolean {
  const { pooling, finalNorm, classToken, positions, numRegisterTokens, layerscaleValue, preNorm, branchNorm, distilled } = config;
  const placed = numRegisterTokens > 0 ? "class" : "all";
  const has = pooling === "clsMean" && finalNorm === "tokens" && classToken && positions === placed && layerscaleValue > 0;
  return has && !preNorm && !branchNorm && !distilled && fittingRatio(config) !== undefined;
}

/** The whole number that gives this inner width. */
export function fittingRatio({ hiddenSize, intermediateSize, useSwigluFfn }: ViTConfig): number | undefined {
  const ratio = Math.round(((useSwigluFfn ? 1.5 : 1) * intermediateSize) / hiddenSize);
  return (useSwigluFfn ? gatedSize(hiddenSize, ratio) : hiddenSize * ratio) === intermediateSize ? ratio : undefined;
}

/** Two thirds, so that three matrices have as many weights as two, rounded up to a multiple of 8. */
export const gatedSize = (hiddenSize: number, mlpRatio: number): number =>
  Math.ceil(Math.trunc((Math.trunc(hiddenSize * mlpRatio) * 2) / 3) / 8) * 8;
