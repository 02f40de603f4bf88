import { camelCaseKeys, CheckpointError, configFrom, type JsonObject, snakeCaseKeys } from "@x/layers";
import { completeConfig } from "../transformer/config.ts";
import { type MarianConfig, marianDefaults } from "./config.ts";

/** @throws CheckpointError when it is another model's, or asks for norms that no published Marian model has */
export function marianConfigFrom(json: JsonObject, file: string): MarianConfig {
  if (json["model_type"] !== "marian") {
    throw new CheckpointError("this is not a Marian model", { file, expected: "model_type marian", found: String(json["model_type"]) });
  }
  for (const key of ["normalize_before", "add_final_layer_norm", "normalize_embedding"]) {
    if (json[key] === true) throw new CheckpointError(`Marian models have no ${key}`, { file, expected: "false", found: "true" });
  }
  const known = camelCaseKeys(json);
  const decoderVocabSize = known["decoderVocabSize"] ?? known["vocabSize"] ?? marianDefaults.vocabSize;
  return completeConfig(marianDefaults, configFrom(marianDefaults, { ...known, decoderVocabSize }));
}

/** `config.json` as Hugging Face's library reads it; what it doesn't know (`layer_norm_eps`) it passes over. */
export function marianHubConfig(config: MarianConfig): JsonObject {
  return snakeCaseKeys({ ...config, architectures: ["MarianMTModel"], isEncoderDecoder: true, modelType: "marian" });
}
