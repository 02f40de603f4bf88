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
import { type BertConfig, bertDefaults } from "./config.ts";

const problemTypes = ["single_label_classification", "multi_label_classification", "regression"] as const;

/** @throws CheckpointError when Hugging Face's `config.json` is another model's, or asks for what isn't here */
export function bertConfigFrom(json: JsonObject, { entries, label }: Checkpoint): BertConfig {
  const type = json["model_type"] ?? "bert";
  if (type !== "bert") throw new CheckpointError("this is not a BERT", { file: label, expected: "model_type bert", found: String(type) });
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

/** The `config.json` that Hugging Face's library reads back. @param architecture its name for the model, `BertForMaskedLM` */
export function bertHubConfig({ id2label, ...shared }: BertConfig, architecture: string): JsonObject {
  return snakeCaseKeys({ ...shared, ...labelTables(id2label), architectures: [architecture], modelType: "bert" });
}
