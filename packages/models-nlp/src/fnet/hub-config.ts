import {
  camelCaseKeys,
  type Checkpoint,
  CheckpointError,
  configFrom,
  type JsonObject,
  labelsFrom,
  labelTables,
  snakeCaseKeys,
} from "@x/layers";
import { type FNetConfig, fNetDefaults } from "./config.ts";

/**
 * An FNet's config from Hugging Face's `config.json`. `use_tpu_fourier_optimizations` is passed over: it is another way to the same numbers.
 * @throws CheckpointError when it is another model's
 */
export function fNetConfigFrom(json: JsonObject, { entries, label }: Checkpoint): FNetConfig {
  const type = json["model_type"];
  if (type !== "fnet") throw new CheckpointError("this is not an FNet", { file: label, expected: "model_type fnet", found: String(type) });
  const numLabels = entries.get("classifier.weight")?.shape[0] ?? 2;
  return configFrom<FNetConfig>(fNetDefaults, { ...camelCaseKeys(json), id2label: labelsFrom(json["id2label"], numLabels) });
}

/**
 * The `config.json` that Hugging Face's library reads back; what it doesn't know (`mixer`, `num_attention_layers`…) it passes over.
 * @param architecture its name for the model, `FNetForMaskedLM`
 */
export function fNetHubConfig({ id2label, ...shared }: FNetConfig, architecture: string): JsonObject {
  return snakeCaseKeys({ ...shared, ...labelTables(id2label), architectures: [architecture], modelType: "fnet" });
}
