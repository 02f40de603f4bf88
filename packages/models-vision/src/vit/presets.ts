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
