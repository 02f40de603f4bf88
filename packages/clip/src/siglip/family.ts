import {
  camelCaseKeys,
  checkModelType,
  configFrom,
  type Family,
  isJsonObject,
  type JsonObject,
  openPretrained,
  type PretrainedFiles,
  snakeCaseKeys,
} from "@x/layers/model";
import { type Tokenizer, tokenizerPart } from "@x/models-nlp";
import type { ImageProcessor } from "@x/models-vision";
import { type PartialSigLIPConfig, type SigLIPConfig, sigLIPConfig, sigLIPTextDefaults, sigLIPVisionDefaults } from "./config.ts";
import { sigLIPKeys } from "./keys.ts";
import { sigLIPProcessorPart } from "./processor.ts";
import { sigLIPLayout } from "./weights.ts";

/** What reading and saving need of a model. */
interface SigLIPModel {
  readonly config: SigLIPConfig;
  processor: ImageProcessor;
  tokenizer: Tokenizer | undefined;
}

/** SigLIP, and SigLIP 2 of a fixed resolution, as Hugging Face's library has them. */
export const sigLIPFamily: Family<SigLIPConfig, SigLIPModel> = {
  open: openPretrained,
  keys: sigLIPKeys,
  configFrom: sigLIPConfigFrom,
  override: overridden,
  hubConfig: ({ config }) => hubConfigOf(config),
  layouts: (config) => [sigLIPLayout(config)],
  parts: [sigLIPProcessorPart, tokenizerPart],
};

function sigLIPConfigFrom({ config: json, checkpoint }: PretrainedFiles): SigLIPConfig {
  checkModelType("a SigLIP", json["model_type"], ["siglip"], checkpoint.label);
  const text = settingsOf(json["text_config"]);
  const { hiddenSize } = configFrom(sigLIPTextDefaults, text);
  return {
    textConfig: configFrom({ ...sigLIPTextDefaults, projectionSize: hiddenSize }, text),
    visionConfig: configFrom(sigLIPVisionDefaults, settingsOf(json["vision_config"])),
  };
}

const settingsOf = (json: JsonObject[string] | undefined): JsonObject => (isJsonObject(json) ? camelCaseKeys(json) : {});

/** As Hugging Face's library reads it. */
const hubConfigOf = ({ textConfig, visionConfig }: SigLIPConfig): JsonObject => ({
  architectures: ["SiglipModel"],
  model_type: "siglip",
  text_config: snakeCaseKeys({ ...textConfig }),
  vision_config: snakeCaseKeys({ ...visionConfig }),
});

/** Settings of a tower take the place of the files' one by one. */
function overridden(found: SigLIPConfig, { textConfig, visionConfig }: PartialSigLIPConfig): SigLIPConfig {
  return sigLIPConfig({
    textConfig: { ...found.textConfig, ...textConfig },
    visionConfig: { ...found.visionConfig, ...visionConfig },
  });
}
