import { TensorError } from "@x/layers";
import type { BertConfig } from "./config.ts";

type Size = Pick<BertConfig, "hiddenSize" | "numHiddenLayers" | "numAttentionHeads" | "intermediateSize">;

const size = (numHiddenLayers: number, hiddenSize: number): Size => ({
  hiddenSize,
  numHiddenLayers,
  numAttentionHeads: hiddenSize / 64,
  intermediateSize: 4 * hiddenSize,
});

const sizes: Readonly<Record<string, Size>> = {
  "BERT-Tiny": size(2, 128),
  "BERT-Mini": size(4, 256),
  "BERT-Small": size(4, 512),
  "BERT-Medium": size(8, 512),
  "BERT-Base": size(12, 768),
  "BERT-Large": size(24, 1024),
};

/**
 * Published sizes by name: "BERT-Base" and "BERT-Large" (Devlin et al. 2019, §3), "BERT-Tiny" to "BERT-Medium" (Turc et al. 2019).
 * @throws TensorError when there is none of that name
 */
export function bertPreset(name: string): Size {
  const found = sizes[name];
  if (!found) throw new TensorError(`bertPreset: expected one of ${Object.keys(sizes).join(", ")}, but found "${name}"`);
  return found;
}
