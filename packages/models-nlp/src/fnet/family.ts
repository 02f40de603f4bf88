import {
  camelCaseKeys,
  checkModelType,
  configFrom,
  type Family,
  hubConfigOf,
  hubKeys,
  labelsFrom,
  numLabelsOf,
  openPretrained,
  type PretrainedFiles,
} from "@x/layers/model";
import { classifierHead, poolerAndHeads, type TextEncoderModel } from "../text-encoder/text-encoder.ts";
import { tokenizerPart } from "../tokenizer/pretrained-tokenizer.ts";
import { type FNetConfig, fNetDefaults } from "./config.ts";
import { fNetLayouts } from "./weights.ts";

/** FNet as Hugging Face's library has it. Heads that a class doesn't have are passed over. */
export const fNetFamily: Family<FNetConfig, TextEncoderModel<FNetConfig>> = {
  open: openPretrained,
  keys: hubKeys("FNet", fNetDefaults, {
    passedOver: { "it is another way to the same numbers": ["use_tpu_fourier_optimizations", "tpu_short_seq_length"] },
    refused: { tie_word_embeddings: { unless: [true], because: "an output matrix of its own isn't here" } },
  }),
  configFrom: fNetConfigFrom,
  // Of `mixer`, `num_attention_layers`… Hugging Face's library knows nothing: it passes over them.
  hubConfig: ({ config, architecture }) => hubConfigOf(config, architecture, "fnet"),
  layouts: () => fNetLayouts,
  head: classifierHead,
  mayBeMissing: poolerAndHeads,
  parts: [tokenizerPart],
};

function fNetConfigFrom({ config: json, checkpoint: { entries, label } }: PretrainedFiles): FNetConfig {
  checkModelType("an FNet", json["model_type"], ["fnet"], label);
  const numLabels = entries.get("classifier.weight")?.shape[0] ?? numLabelsOf(json) ?? 2;
  return configFrom<FNetConfig>(fNetDefaults, { ...camelCaseKeys(json), id2label: labelsFrom(json["id2label"], numLabels) });
}
