import { TensorError } from "@x/layers";
import type { MarianConfig } from "./config.ts";

type Size = Pick<
  MarianConfig,
  | "dModel"
  | "encoderLayers"
  | "decoderLayers"
  | "encoderAttentionHeads"
  | "decoderAttentionHeads"
  | "encoderFfnDim"
  | "decoderFfnDim"
  | "activationFunction"
  | "scaleEmbedding"
>;

const size = (dModel: number, heads: number, activationFunction: string): Size => ({
  dModel,
  encoderLayers: 6,
  decoderLayers: 6,
  encoderAttentionHeads: heads,
  decoderAttentionHeads: heads,
  encoderFfnDim: 4 * dModel,
  decoderFfnDim: 4 * dModel,
  activationFunction,
  scaleEmbedding: true,
});

/** The Transformer's base and big, as OPUS-MT trains them. Vocabularies are each language pair's own. */
const sizes: Readonly<Record<string, Size>> = { "opus-mt": size(512, 8, "swish"), "opus-mt-tc-big": size(1024, 16, "relu") };

/** `Helsinki-NLP`'s models: `marianPreset("opus-mt")`, `marianPreset("opus-mt-tc-big")`. Tiedemann & Thottingal 2020. @throws TensorError when the name is neither */
export function marianPreset(name: string): Size {
  const found = sizes[name];
  if (!found) throw new TensorError(`marianPreset: expected one of ${Object.keys(sizes).join(", ")}, but found "${name}"`);
  return found;
}
