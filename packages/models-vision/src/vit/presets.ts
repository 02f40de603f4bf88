import { TensorError } from "@x/layers";
import type { ViTConfig } from "./config.ts";

type Size = Pick<ViTConfig, "hiddenSize" | "numHiddenLayers" | "numAttentionHeads" | "intermediateSize">;

/** Dosovitskiy et al. 2021, table 1; Ti and S are DeiT's, Touvron et al. 2021, table 1. */
const sizes: Readonly<Record<string, Size>> = {
  Ti: { hiddenSize: 192, numHiddenLayers: 12, numAttentionHeads: 3, intermediateSize: 768 },
  S: { hiddenSize: 384, numHiddenLayers: 12, numAttentionHeads: 6, intermediateSize: 1536 },
  B: { hiddenSize: 768, numHiddenLayers: 12, numAttentionHeads: 12, intermediateSize: 3072 },
  L: { hiddenSize: 1024, numHiddenLayers: 24, numAttentionHeads: 16, intermediateSize: 4096 },
  H: { hiddenSize: 1280, numHiddenLayers: 32, numAttentionHeads: 16, intermediateSize: 5120 },
};

const words: Readonly<Record<string, string>> = { Tiny: "Ti", Small: "S", Base: "B", Large: "L", Huge: "H" };

/**
 * The paper's names: `viTPreset("ViT-L/16")` is the Large model with 16 × 16 patches. Ti, S, B, L, H or Tiny, Small, Base, Large, Huge.
 * @throws TensorError when the name isn't of that form
 */
export function viTPreset(name: string): Size & Pick<ViTConfig, "patchSize"> {
  const [, size = "", patchSize] = /^ViT-(\w+)\/(\d+)$/.exec(name) ?? [];
  const found = sizes[words[size] ?? size];
  if (!found || Number(patchSize) < 1) {
    throw new TensorError(`viTPreset: expected a name like "ViT-B/16" with one of ${Object.keys(sizes).join(", ")}, but found "${name}"`);
  }
  return { ...found, patchSize: Number(patchSize) };
}

/** Oquab et al. 2024, table 17. */
const dinoV2Sizes: Readonly<Record<string, Size>> = {
  S: { hiddenSize: 384, numHiddenLayers: 12, numAttentionHeads: 6, intermediateSize: 1536 },
  B: { hiddenSize: 768, numHiddenLayers: 12, numAttentionHeads: 12, intermediateSize: 3072 },
  L: { hiddenSize: 1024, numHiddenLayers: 24, numAttentionHeads: 16, intermediateSize: 4096 },
  g: { hiddenSize: 1536, numHiddenLayers: 40, numAttentionHeads: 24, intermediateSize: 4096 },
};

/**
 * DINOv2's models by name, `dinoV2Preset("DINOv2-B/14")`, without a head: S, B, L or g, which has gated MLPs.
 * @param numRegisterTokens 4 for the models with registers (Darcet et al. 2024). Default 0
 * @throws TensorError when there is none of that name
 */
export function dinoV2Preset(name: string, numRegisterTokens = 0): Partial<ViTConfig> {
  const size = dinoV2Sizes[/^DINOv2-(\w)\/14$/.exec(name)?.[1] ?? ""];
  if (!size) {
    const names = Object.keys(dinoV2Sizes).map((letter) => `DINOv2-${letter}/14`);
    throw new TensorError(`dinoV2Preset: expected one of ${names.join(", ")}, but found "${name}"`);
  }
  const parts = { layerscaleValue: 1, pooling: "clsMean", useSwigluFfn: size === dinoV2Sizes["g"] } as const;
  const positions = numRegisterTokens > 0 ? "class" : "all";
  return { ...size, ...parts, numRegisterTokens, positions, patchSize: 14, imageSize: 518, layerNormEps: 1e-6, numLabels: 0 };
}
