import { presetOf } from "../text-encoder/preset.ts";
import type { RobertaConfig } from "./config.ts";

type Size = Partial<RobertaConfig>;

const base: Size = { maxPositionEmbeddings: 514, typeVocabSize: 1, layerNormEps: 1e-5 };
const large: Size = { ...base, hiddenSize: 1024, numHiddenLayers: 24, numAttentionHeads: 16, intermediateSize: 4096 };
const xlm: Size = { modelType: "xlm-roberta", vocabSize: 250002 };

const sizes: Readonly<Record<string, Size>> = {
  "roberta-base": base,
  "roberta-large": large,
  "xlm-roberta-base": { ...base, ...xlm },
  "xlm-roberta-large": { ...large, ...xlm },
  "camembert-base": { ...base, modelType: "camembert", vocabSize: 32005 },
};

/** Published models by name: Liu et al. 2019, Conneau et al. 2020, Martin et al. 2020. @throws TensorError when there is none of that name */
export const robertaPreset = (name: string): Size => presetOf("robertaPreset", sizes, name);
