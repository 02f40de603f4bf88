import { CheckpointError } from "@x/layers";
import {
  camelCaseKeys,
  checkModelType,
  configFrom,
  type Family,
  hubConfigOf,
  labelsFrom,
  openPretrained,
  type PretrainedFiles,
} from "@x/layers/model";
import { classifierHead, type TextEncoderModel } from "../text-encoder/text-encoder.ts";
import { tokenizerPart } from "../tokenizer/pretrained-tokenizer.ts";
import { type BertConfig, bertDefaults } from "./config.ts";
import { bertLayouts } from "./weights.ts";

/** BERT as Hugging Face's library has it. Heads that a class doesn't have are passed over. */
export const bertFamily: Family<BertConfig, TextEncoderModel<BertConfig>> = {
  open: openPretrained,
  configFrom: bertConfigFrom,
  hubConfig: ({ config, architecture }) => hubConfigOf(config, architecture, "bert"),
  layouts: () => bertLayouts,
  head: classifierHead,
  parts: [tokenizerPart],
};

const problemTypes = ["single_label_classification", "multi_label_classification", "regression"] as const;

/** Refuses decoders and relative positions. */
function bertConfigFrom({ config: json, checkpoint: { entries, label } }: PretrainedFiles): BertConfig {
  checkModelType("a BERT", json["model_type"] ?? "bert", ["bert"], label);
  const positions = json["position_embedding_type"] ?? "absolute";
  if (positions !== "absolute" || json["is_decoder"] === true) {
    const found = positions !== "absolute" ? `position_embedding_type ${String(positions)}` : "is_decoder true";
    throw new CheckpointError("this kind of BERT can't be run", { file: label, expected: "an encoder with absolute positions", found });
  }
  const numLabels = entries.get("classifier.weight")?.shape[0] ?? 2;
  const { classifierDropout, problemType, ...usual } = bertDefaults;
  const dropout = json["classifier_dropout"];
  const problem = problemTypes.find((known) => known === json["problem_type"]);
  return {
    ...configFrom<typeof usual>(usual, { ...camelCaseKeys(json), id2label: labelsFrom(json["id2label"], numLabels) }),
    classifierDropout: typeof dropout === "number" ? dropout : classifierDropout,
    problemType: problem ?? problemType,
  };
}
