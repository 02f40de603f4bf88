import { presetOf } from "../text-encoder/preset.ts";
import type { M2M100Config } from "./config.ts";

type Size = Partial<M2M100Config>;

const size = (vocabSize: number, dModel: number, layers: number, ffnDim: number): Size => ({
  vocabSize,
  decoderVocabSize: vocabSize,
  dModel,
  encoderLayers: layers,
  decoderLayers: layers,
  encoderAttentionHeads: 16,
  decoderAttentionHeads: 16,
  encoderFfnDim: ffnDim,
  decoderFfnDim: ffnDim,
});

const sizes: Readonly<Record<string, Size>> = {
  m2m100_418M: size(128112, 1024, 12, 4096),
  "m2m100_1.2B": size(128112, 1024, 24, 8192),
  "nllb-200-distilled-600M": size(256206, 1024, 12, 4096),
  "nllb-200-distilled-1.3B": size(256206, 1024, 24, 8192),
  "nllb-200-1.3B": size(256206, 1024, 24, 8192),
  "nllb-200-3.3B": size(256206, 2048, 24, 8192),
};

/** Published models by name: Fan et al. 2020, NLLB Team 2022, of dense layers. @throws TensorError when there is none of that name */
export const m2m100Preset = (name: string): Size => presetOf("m2m100Preset", sizes, name);
