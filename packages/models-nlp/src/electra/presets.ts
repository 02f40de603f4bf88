import { presetOf } from "../text-encoder/preset.ts";
import type { ElectraConfig } from "./config.ts";

type Size = Partial<ElectraConfig>;

const base: Size = { embeddingSize: 768, hiddenSize: 768, numAttentionHeads: 12, intermediateSize: 3072 };
const large: Size = { embeddingSize: 1024, hiddenSize: 1024, numHiddenLayers: 24, numAttentionHeads: 16, intermediateSize: 4096 };

/** Of the generators a quarter, at most, of the discriminators' width. §3.2. */
const sizes: Readonly<Record<string, Size>> = {
  "electra-small-discriminator": {},
  "electra-small-generator": {},
  "electra-base-discriminator": base,
  "electra-base-generator": { ...base, hiddenSize: 256, numAttentionHeads: 4, intermediateSize: 1024 },
  "electra-large-discriminator": large,
  "electra-large-generator": { ...large, hiddenSize: 256, numAttentionHeads: 4, intermediateSize: 1024 },
};

/** Published models by name: Clark et al. 2020. @throws TensorError when there is none of that name */
export const electraPreset = (name: string): Size => presetOf("electraPreset", sizes, name);
