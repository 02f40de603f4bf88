import { TensorError } from "@x/layers";
import type { CLIPResNetConfig, CLIPVisionConfig, PartialCLIPConfig } from "./config.ts";

/** The text Transformer grows in width with the image encoder, not in depth; its heads have 64 channels. §2.4 */
const text = (hiddenSize: number): NonNullable<PartialCLIPConfig["textConfig"]> => ({
  hiddenSize,
  intermediateSize: 4 * hiddenSize,
  numAttentionHeads: hiddenSize / 64,
});

type ResNetSize = Pick<CLIPResNetConfig, "layers" | "width" | "imageSize">;

const resNet = (projectionDim: number, textWidth: number, size: ResNetSize): PartialCLIPConfig => ({
  projectionDim,
  textConfig: text(textWidth),
  visionConfig: { modelType: "clip_resnet", ...size },
});

type ViTSize = Pick<CLIPVisionConfig, "patchSize" | "imageSize" | "hiddenSize" | "numHiddenLayers">;

const viT = (projectionDim: number, textWidth: number, size: ViTSize): PartialCLIPConfig => ({
  projectionDim,
  textConfig: text(textWidth),
  visionConfig: { ...size, intermediateSize: 4 * size.hiddenSize, numAttentionHeads: size.hiddenSize / 64 },
});

/** Radford et al. 2021, tables 19 and 20. */
const presets: Readonly<Record<string, PartialCLIPConfig>> = {
  RN50: resNet(1024, 512, { layers: [3, 4, 6, 3], width: 64, imageSize: 224 }),
  RN101: resNet(512, 512, { layers: [3, 4, 23, 3], width: 64, imageSize: 224 }),
  RN50x4: resNet(640, 640, { layers: [4, 6, 10, 6], width: 80, imageSize: 288 }),
  RN50x16: resNet(768, 768, { layers: [6, 8, 18, 8], width: 96, imageSize: 384 }),
  RN50x64: resNet(1024, 1024, { layers: [3, 15, 36, 10], width: 128, imageSize: 448 }),
  "ViT-B/32": viT(512, 512, { patchSize: 32, imageSize: 224, hiddenSize: 768, numHiddenLayers: 12 }),
  "ViT-B/16": viT(512, 512, { patchSize: 16, imageSize: 224, hiddenSize: 768, numHiddenLayers: 12 }),
  "ViT-L/14": viT(768, 768, { patchSize: 14, imageSize: 224, hiddenSize: 1024, numHiddenLayers: 24 }),
  "ViT-L/14@336": viT(768, 768, { patchSize: 14, imageSize: 336, hiddenSize: 1024, numHiddenLayers: 24 }),
};

/**
 * The paper's models by name: RN50, RN101, RN50x4, RN50x16, RN50x64, ViT-B/32, ViT-B/16, ViT-L/14, ViT-L/14@336.
 * @throws TensorError when the name isn't one of them
 */
export function clipPreset(name: string): PartialCLIPConfig {
  const found = presets[name];
  if (!found) throw new TensorError(`clipPreset: expected one of ${Object.keys(presets).join(", ")}, but found "${name}"`);
  return found;
}
