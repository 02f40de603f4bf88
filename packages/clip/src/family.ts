import {
  camelCaseKeys,
  checkModelType,
  configFrom,
  type Family,
  isJsonObject,
  type JsonObject,
  snakeCaseKeys,
  withoutUndefined,
} from "@x/layers/model";
import type { Tokenizer } from "@x/models-nlp";
import type { ImageProcessor } from "@x/models-vision";
import {
  clipBagOfWordsDefaults,
  type CLIPConfig,
  clipConfig,
  clipResNetDefaults,
  clipTextDefaults,
  clipVisionDefaults,
  type PartialCLIPConfig,
} from "./config.ts";
import { isHuggingFaces, openClipConfig } from "./open-clip/clip-config.ts";
import { type ImageTextFiles, openClipPart, openImageText } from "./open-clip/files.ts";
import { inferredConfig } from "./open-clip/inferred-config.ts";
import { imageTextTokenizerPart } from "./open-clip/tokenizer.ts";
import { clipKeys, openCLIPKeys } from "./keys.ts";
import { openClipProcessor, processorPart } from "./processor.ts";
import { clipLayouts } from "./weights.ts";

/** What reading and saving need of a model. */
interface CLIPModel {
  readonly config: CLIPConfig;
  processor: ImageProcessor;
  tokenizer: Tokenizer | undefined;
}

/** CLIP as Hugging Face's library, OpenAI and open_clip have it. A ResNet, which Hugging Face's doesn't know, is saved under OpenAI's names. */
export const clipFamily: Family<CLIPConfig, CLIPModel, ImageTextFiles> = {
  async open(source, options) {
    const files = await openImageText(source, options, openCLIPKeys);
    return { ...files, notes: [...(files.notes ?? []), ...guesses(files)] };
  },
  keys: clipKeys,
  configFrom: clipConfigFrom,
  override: overridden,
  hubConfig: (model) => (isHuggingFaces(model) ? clipHubConfig(model.config) : undefined),
  layouts({ visionConfig }) {
    const [huggingFace, openAI] = clipLayouts;
    return visionConfig.modelType === "clip_resnet" ? [openAI, huggingFace] : clipLayouts;
  },
  savedAs: (model) => (isHuggingFaces(model) ? clipFamily.layouts(model.config)[0] : clipLayouts[1]),
  adapterLayouts: () => clipLayouts,
  parts: [processorPart(openClipProcessor), imageTextTokenizerPart, openClipPart((model) => !isHuggingFaces(model), openClipConfig)],
};

/**
 * From Hugging Face's `config.json` of model_type `clip`; of OpenAI's and open_clip's files, the checkpoint's own shapes, and `open_clip_config.json` if there
 * is one.
 */
function clipConfigFrom({ config: json, openClip, checkpoint }: ImageTextFiles): CLIPConfig {
  if (json["model_type"] === undefined) return inferredConfig(checkpoint, openClip);
  checkModelType("a CLIP", json["model_type"], ["clip"], checkpoint.label);
  const { textConfig, visionConfig } = clipConfig({});
  const shared = configFrom({ projectionDim: 512, logitScaleInitValue: Math.log(1 / 0.07) }, camelCaseKeys(json));
  return { ...shared, textConfig: textFrom(json, textConfig), visionConfig: visionFrom(json, visionConfig) };
}

function textFrom(json: JsonObject, defaults: CLIPConfig["textConfig"]): CLIPConfig["textConfig"] {
  const found = nested(json, "text_config", defaults);
  return found["modelType"] === clipBagOfWordsDefaults.modelType
    ? configFrom(clipBagOfWordsDefaults, found)
    : configFrom(clipTextDefaults, { ...found, modelType: clipTextDefaults.modelType });
}

function visionFrom(json: JsonObject, defaults: CLIPConfig["visionConfig"]): CLIPConfig["visionConfig"] {
  const found = nested(json, "vision_config", defaults);
  return found["modelType"] === clipResNetDefaults.modelType
    ? configFrom(clipResNetDefaults, found)
    : configFrom(clipVisionDefaults, { ...found, modelType: clipVisionDefaults.modelType });
}

/** An encoder's settings. Older files repeat them under `…_dict`: those count, and where they say nothing, the defaults, as in Hugging Face's library. */
function nested(json: JsonObject, key: string, defaults: object): JsonObject {
  const legacy = json[`${key}_dict`];
  const found = json[key];
  return { ...(isJsonObject(found) && camelCaseKeys(found)), ...(isJsonObject(legacy) && { ...defaults, ...camelCaseKeys(legacy) }) };
}

/** As Hugging Face's library reads it, as far as it knows the encoders. */
function clipHubConfig({ textConfig, visionConfig, projectionDim, logitScaleInitValue }: CLIPConfig): JsonObject {
  const encoder = (config: CLIPConfig["textConfig"] | CLIPConfig["visionConfig"]): JsonObject =>
    snakeCaseKeys({ ...withoutUndefined(config), projectionDim });
  return {
    architectures: ["CLIPModel"],
    model_type: "clip",
    projection_dim: projectionDim,
    logit_scale_init_value: logitScaleInitValue,
    text_config: encoder(textConfig),
    vision_config: encoder(visionConfig),
  };
}

/** What no file says of weights that lie alone, and aren't OpenAI's archives, which tell their sizes. */
function guesses({ config, openClip, checkpoint: { entries } }: ImageTextFiles): string[] {
  if (config["model_type"] !== undefined || openClip || entries.has("input_resolution") || entries.has("context_length")) return [];
  return [
    "no open_clip_config.json lies beside the weights: taken as OpenAI's, with QuickGELU and heads of 64 channels; what open_clip trained by itself " +
      'mostly has GELU: `config: { textConfig: { hiddenAct: "gelu" }, visionConfig: { hiddenAct: "gelu" } }`',
  ];
}

/** Settings of an encoder take the place of the files' one by one. */
function overridden(found: CLIPConfig, { textConfig, visionConfig, ...wanted }: PartialCLIPConfig): CLIPConfig {
  return clipConfig({
    ...found,
    ...wanted,
    textConfig: { ...found.textConfig, ...textConfig },
    visionConfig: { ...found.visionConfig, ...visionConfig },
  });
}
