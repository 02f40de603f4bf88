import { CheckpointError } from "@x/layers";
import { camelCaseKeys, checkModelType, configFrom, type Family, isJsonObject, type JsonObject, snakeCaseKeys } from "@x/layers/model";
import type { Tokenizer } from "@x/models-nlp";
import type { ImageProcessor } from "@x/models-vision";
import { type PartialSigLIPConfig, type SigLIPConfig, sigLIPConfig, sigLIPTextDefaults, sigLIPVisionDefaults } from "./config.ts";
import { openAICLIPKeys } from "../keys.ts";
import { processorPart } from "../processor.ts";
import { preprocessConfig } from "../open-clip/clip-config.ts";
import { type ImageTextFiles, openClipPart, openImageText } from "../open-clip/files.ts";
import { imageTextTokenizerPart, openClipTokenizerConfig } from "../open-clip/tokenizer.ts";
import { openSigLIPKeys, sigLIPKeys } from "./keys.ts";
import { openSigLIPConfigFrom, openSigLIPLayout, openSigLIPModelConfig } from "./open-clip.ts";
import { usualProcessor } from "./processor.ts";
import { sigLIPLayout } from "./weights.ts";

/** What reading and saving need of a model. */
interface SigLIPModel {
  readonly config: SigLIPConfig;
  processor: ImageProcessor;
  tokenizer: Tokenizer | undefined;
}

/** Hugging Face's library has no words for how open_clip cleans texts. */
const isOpenClips = ({ tokenizer }: SigLIPModel): boolean => tokenizer?.cleaning !== undefined;

const openClipConfig = (model: SigLIPModel): JsonObject => ({
  model_cfg: openSigLIPModelConfig(model.config, openClipTokenizerConfig(model, true)),
  preprocess_cfg: preprocessConfig(model.processor.config),
});

/** SigLIP, and SigLIP 2 of a fixed resolution, as Hugging Face's library and open_clip have them. */
export const sigLIPFamily: Family<SigLIPConfig, SigLIPModel, ImageTextFiles> = {
  open: (source, options) => openImageText(source, options, openSigLIPKeys),
  keys: (config) => (config["model_type"] === undefined ? openAICLIPKeys : sigLIPKeys),
  configFrom: sigLIPConfigFrom,
  override: overridden,
  hubConfig: (model) => (isOpenClips(model) ? undefined : hubConfigOf(model.config)),
  layouts: (config) => [sigLIPLayout(config), openSigLIPLayout],
  savedAs: (model) => (isOpenClips(model) ? openSigLIPLayout : sigLIPLayout(model.config)),
  parts: [processorPart(usualProcessor), imageTextTokenizerPart, openClipPart(isOpenClips, openClipConfig)],
};

/** @throws CheckpointError when it is another model's, such as SigLIP 2 of any aspect ratio */
function sigLIPConfigFrom({ config: json, checkpoint, openClip }: ImageTextFiles): SigLIPConfig {
  if (openClip) return openSigLIPConfigFrom(openClip, checkpoint);
  if (json["model_type"] === "siglip2") {
    const problem =
      "SigLIP 2 for pictures of any aspect ratio (NaFlex) isn't here; google/siglip2-base-patch16-224 and others of a fixed size are";
    throw new CheckpointError(problem, { file: checkpoint.label });
  }
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
