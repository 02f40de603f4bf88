import { TensorError } from "@x/layers";
import type { SentenceEncoderConfig } from "./config.ts";

type Size = Pick<
  SentenceEncoderConfig,
  "hiddenSize" | "numHiddenLayers" | "numAttentionHeads" | "intermediateSize" | "pooling" | "normalizes" | "maxLength"
>;

const size = (numHiddenLayers: number, hiddenSize: number, pooling: "mean" | "cls", maxLength: number): Size => ({
  hiddenSize,
  numHiddenLayers,
  numAttentionHeads: hiddenSize === 1024 ? 16 : 12,
  intermediateSize: 4 * hiddenSize,
  pooling: [pooling],
  normalizes: true,
  maxLength,
});

/** As their repositories have them. */
const sizes: Readonly<Record<string, Size>> = {
  "all-MiniLM-L6-v2": size(6, 384, "mean", 256),
  "all-MiniLM-L12-v2": size(12, 384, "mean", 128),
  "e5-small-v2": size(12, 384, "mean", 512),
  "e5-base-v2": size(12, 768, "mean", 512),
  "e5-large-v2": size(24, 1024, "mean", 512),
  "bge-small-en-v1.5": size(12, 384, "cls", 512),
  "bge-base-en-v1.5": size(12, 768, "cls", 512),
  "bge-large-en-v1.5": size(24, 1024, "cls", 512),
};

/** Published models by name: sentence-transformers' MiniLM, E5 (Wang et al. 2022), BGE (Xiao et al. 2023). @throws TensorError when there is none of that name */
export function sentenceEncoderPreset(name: string): Size {
  const found = sizes[name];
  if (!found) throw new TensorError(`sentenceEncoderPreset: expected one of ${Object.keys(sizes).join(", ")}, but found "${name}"`);
  return found;
}
