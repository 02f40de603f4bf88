import { camelCaseKeys, type Checkpoint, CheckpointError, configFrom, isJsonObject, type JsonObject, snakeCaseKeys } from "@x/layers";
import { clipBagOfWordsDefaults, type CLIPConfig, clipConfig, clipResNetDefaults, clipTextDefaults, clipVisionDefaults } from "./config.ts";
import { inferredConfig } from "./inferred-config.ts";

/**
 * A CLIP's config from what stands beside a checkpoint: Hugging Face's `config.json` of model_type `clip`; of OpenAI's and open_clip's files, the
 * checkpoint's own shapes, and `open_clip_config.json` if there is one.
 * @throws CheckpointError when it is another model's
 */
export function clipConfigFrom(json: JsonObject, openClip: JsonObject | undefined, checkpoint: Checkpoint): CLIPConfig {
  const type = json["model_type"];
  if (type === undefined) return inferredConfig(checkpoint, openClip);
  if (type !== "clip") {
    throw new CheckpointError("this is not a CLIP", { file: checkpoint.label, expected: "model_type clip", found: JSON.stringify(type) });
  }
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

/** The `config.json` that Hugging Face's library reads back, as far as it knows the encoders. */
export function clipHubConfig({ textConfig, visionConfig, projectionDim, logitScaleInitValue }: CLIPConfig): JsonObject {
  const encoder = (config: CLIPConfig["textConfig"] | CLIPConfig["visionConfig"]): JsonObject =>
    snakeCaseKeys({ ...config, projectionDim });
  return {
    architectures: ["CLIPModel"],
    model_type: "clip",
    projection_dim: projectionDim,
    logit_scale_init_value: logitScaleInitValue,
    text_config: encoder(textConfig),
    vision_config: encoder(visionConfig),
  };
}
