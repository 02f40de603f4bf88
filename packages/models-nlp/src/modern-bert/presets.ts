import { presetOf } from "../text-encoder/preset.ts";
import type { ModernBertConfig } from "./config.ts";

type Size = Partial<ModernBertConfig>;

const sizes: Readonly<Record<string, Size>> = {
  "ModernBERT-base": {},
  "ModernBERT-large": { hiddenSize: 1024, numHiddenLayers: 28, numAttentionHeads: 16, intermediateSize: 2624 },
};

/** Published models by name: Warner et al. 2024, table 4. @throws TensorError when there is none of that name */
export const modernBertPreset = (name: string): Size => presetOf("modernBertPreset", sizes, name);
