import { TensorError } from "@x/layers";
import type { TransformerConfig } from "./config.ts";

type Size = Pick<
  TransformerConfig,
  | "dModel"
  | "encoderLayers"
  | "decoderLayers"
  | "encoderAttentionHeads"
  | "decoderAttentionHeads"
  | "encoderFfnDim"
  | "decoderFfnDim"
  | "dropout"
>;

const size = (dModel: number, layers: number, heads: number, dropout: number): Size => ({
  dModel,
  encoderLayers: layers,
  decoderLayers: layers,
  encoderAttentionHeads: heads,
  decoderAttentionHeads: heads,
  encoderFfnDim: 4 * dModel,
  decoderFfnDim: 4 * dModel,
  dropout,
});

/** Vaswani et al. 2017, table 3. */
const sizes: Readonly<Record<string, Size>> = { base: size(512, 6, 8, 0.1), big: size(1024, 6, 16, 0.3) };

/** The paper's models: `transformerPreset("base")`, `transformerPreset("big")`. @throws TensorError when the name is neither */
export function transformerPreset(name: string): Size {
  const found = sizes[name];
  if (!found) throw new TensorError(`transformerPreset: expected one of ${Object.keys(sizes).join(", ")}, but found "${name}"`);
  return found;
}
