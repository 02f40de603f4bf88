import { CheckpointError } from "@x/layers";
import {
  camelCaseKeys,
  checkModelType,
  configFrom,
  type Family,
  type JsonObject,
  openPretrained,
  type PretrainedFiles,
  snakeCaseKeys,
} from "@x/layers/model";
import { completeConfig } from "../transformer/config.ts";
import { transformerFamily, type TranslationModel } from "../transformer/family.ts";
import { type MarianConfig, marianDefaults } from "./config.ts";
import { marianLayouts } from "./weights.ts";

/** Marian as Hugging Face's library has it, with its tokenizers (`source.spm`, `target.spm`, `vocab.json`) and what `generation_config.json` says. */
export const marianFamily: Family<MarianConfig, TranslationModel<MarianConfig>> = {
  open: openPretrained,
  configFrom: marianConfigFrom,
  hubConfig: ({ config }) => marianHubConfig(config),
  layouts: ({ shareEncoderDecoderEmbeddings }) => [marianLayouts[shareEncoderDecoderEmbeddings ? 0 : 1]],
  adapterLayouts: ({ shareEncoderDecoderEmbeddings }) => {
    // All parameters are below `model.`, but adapters are made for MarianMTModel, which has that prefix, not for what is inside.
    const { basePrefix: _inside, ...layout } = marianLayouts[shareEncoderDecoderEmbeddings ? 0 : 1];
    return [layout];
  },
  parts: transformerFamily.parts ?? [],
};

/** Refuses norms that no published Marian model has. */
function marianConfigFrom({ config: json, checkpoint: { label: file } }: PretrainedFiles): MarianConfig {
  checkModelType("a Marian model", json["model_type"], ["marian"], file);
  for (const key of ["normalize_before", "add_final_layer_norm", "normalize_embedding"]) {
    if (json[key] === true) throw new CheckpointError(`Marian models have no ${key}`, { file, expected: "false", found: "true" });
  }
  const known = camelCaseKeys(json);
  const decoderVocabSize = known["decoderVocabSize"] ?? known["vocabSize"] ?? marianDefaults.vocabSize;
  return completeConfig(marianDefaults, configFrom(marianDefaults, { ...known, decoderVocabSize }));
}

/** What Hugging Face's library doesn't know (`layer_norm_eps`) it passes over. */
function marianHubConfig(config: MarianConfig): JsonObject {
  return snakeCaseKeys({ ...config, architectures: ["MarianMTModel"], isEncoderDecoder: true, modelType: "marian" });
}
