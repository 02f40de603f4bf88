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
import { type BertConfig, bertDefaults } from "./config.ts";
import { bertLayouts } from "./weights.ts";

/** BERT as Hugging Face's library has it. Heads that a class doesn't have are passed over. */
export const bertFamily: Family<BertConfig, TextEncoderModel<BertConfig>> = {
  open: openPretrained,
  keys: hubKeys("BERT", bertDefaults, {
    refused: {
      tie_word_embeddings: { unless: [true], because: "an output matrix of its own isn't here" },
      position_embedding_type: { unless: ["absolute"], because: "only absolute positions are here" },
    },
  }),
  configFrom: bertConfigFrom,
  hubConfig: ({ config, architecture }) => hubConfigOf(config, architecture, "bert"),
  layouts: () => bertLayouts,
  head: classifierHead,
  mayBeMissing: poolerAndHeads,
  parts: [tokenizerPart],
};

const problemTypes = ["single_label_classification", "multi_label_classification", "regression"] as const;

function bertConfigFrom({ config: json, checkpoint: { entries, label } }: PretrainedFiles): BertConfig {
  checkModelType("a BERT", json["model_type"] ?? "bert", ["bert"], label);
  const numLabels = entries.get("classifier.weight")?.shape[0] ?? numLabelsOf(json) ?? 2;
  const { classifierDropout, problemType, ...usual } = bertDefaults;
  const dropout = json["classifier_dropout"];
  const problem = problemTypes.find((known) => known === json["problem_type"]);
  return {
    ...configFrom<typeof usual>(usual, { ...camelCaseKeys(json), id2label: labelsFrom(json["id2label"], numLabels) }),
    classifierDropout: typeof dropout === "number" ? dropout : classifierDropout,
    problemType: problem ?? problemType,
  };
}
