import { TensorError } from "@x/layers";
import type { FNetConfig } from "./config.ts";

type Size = Pick<FNetConfig, "hiddenSize" | "numHiddenLayers" | "intermediateSize" | "numAttentionHeads">;

/** Lee-Thorp et al. 2022, §4.1. The heads are a hybrid's. */
const sizes: Readonly<Record<string, Size>> = {
  "FNet-Base": { hiddenSize: 768, numHiddenLayers: 12, intermediateSize: 3072, numAttentionHeads: 12 },
  "FNet-Large": { hiddenSize: 1024, numHiddenLayers: 24, intermediateSize: 4096, numAttentionHeads: 16 },
};

/**
 * The paper's sizes by name: "FNet-Base", "FNet-Large", and the same with the last two layers attending, "FNet-Hybrid-Base", "FNet-Hybrid-Large".
 * @throws TensorError when there is none of that name
 */
export function fNetPreset(name: string): Size & Pick<FNetConfig, "numAttentionLayers"> {
  const size = sizes[name.replace("-Hybrid", "")];
  if (!size) throw new TensorError(`fNetPreset: expected one of ${Object.keys(sizes).join(", ")}, or "FNet-Hybrid-…", but found "${name}"`);
  return { ...size, numAttentionLayers: name.includes("-Hybrid") ? 2 : 0 };
}
