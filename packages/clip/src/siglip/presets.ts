import { TensorError } from "@x/layers";
import type { PartialSigLIPConfig } from "./config.ts";

const size = (hiddenSize: number, intermediateSize: number, numHiddenLayers: number, numAttentionHeads: number) => ({
  hiddenSize,
  intermediateSize,
  numHiddenLayers,
  numAttentionHeads,
});

const base = size(768, 3072, 12, 12);
const large = size(1024, 4096, 24, 16);
const shapeOptimized = size(1152, 4304, 27, 16);

/** Zhai et al. 2023, §4; the last one's shape is Alabdulmohsin et al.'s 2023. */
const presets: Readonly<Record<string, PartialSigLIPConfig>> = {
  "SigLIP-B/16": { textConfig: base, visionConfig: { ...base, patchSize: 16, imageSize: 224 } },
  "SigLIP-L/16": { textConfig: large, visionConfig: { ...large, patchSize: 16, imageSize: 256 } },
  "SigLIP-So400m/14": { textConfig: shapeOptimized, visionConfig: { ...shapeOptimized, patchSize: 14, imageSize: 384 } },
};

/** The published models by name: SigLIP-B/16, SigLIP-L/16, SigLIP-So400m/14. @throws TensorError when the name isn't one of them */
export function sigLIPPreset(name: string): PartialSigLIPConfig {
  const found = presets[name];
  if (!found) throw new TensorError(`sigLIPPreset: expected one of ${Object.keys(presets).join(", ")}, but found "${name}"`);
  return found;
}
