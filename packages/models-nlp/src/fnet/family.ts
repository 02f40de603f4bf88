import {
  camelCaseKeys,
  checkModelType,
  configFrom,
  type Family,
  type JsonObject,
  labelsFrom,
  labelTables,
  openPretrained,
  type PretrainedFiles,
  snakeCaseKeys,
} from "@x/layers/model";
import { classifierHead, type TextEncoderModel } from "../text-encoder/text-encoder.ts";
import { tokenizerPart } from "../tokenizer/pretrained-tokenizer.ts";
import { type FNetConfig, fNetDefaults } from "./config.ts";
import { fNetLayouts } from "./weights.ts";

/** FNet as Hugging Face's library has it. Heads that a class doesn't have are passed over. */
export const fNetFamily: Family<FNetConfig, TextEncoderModel<FNetConfig>> = {
  open: openPretrained,
  configFrom: fNetConfigFrom,
  hubConfig: fNetHubConfig,
  layouts: () => fNetLayouts,
  head: classifierHead,
  parts: [tokenizerPart],
};

/** `use_tpu_fourier_optimizations` is passed over: it is another way to the same numbers. */
function fNetConfigFrom({ config: json, checkpoint: { entries, label } }: PretrainedFiles): FNetConfig {
  checkModelType("an FNet", json["model_type"], ["fnet"], label);
  const numLabels = entries.get("classifier.weight")?.shape[0] ?? 2;
  return configFrom<FNetConfig>(fNetDefaults, { ...camelCaseKeys(json), id2label: labelsFrom(json["id2label"], numLabels) });
}

/** What Hugging Face's library doesn't know (`mixer`, `num_attention_layers`…) it passes over. */
function fNetHubConfig({ config: { id2label, ...shared }, architecture }: TextEncoderModel<FNetConfig>): JsonObject {
  return snakeCaseKeys({ ...shared, ...labelTables(id2label), architectures: [architecture], modelType: "fnet" });
}
