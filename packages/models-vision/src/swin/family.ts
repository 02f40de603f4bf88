import {
  camelCaseKeys,
  checkModelType,
  CheckpointShapes,
  configFrom,
  type Family,
  hubConfigOf,
  type JsonObject,
  labelsFrom,
  type PretrainedFiles,
} from "@x/layers/model";
import { imageHead, type ImageModel, imageProcessorPart, openImageModel } from "../image/pretrained-processor.ts";
import { imageSizeOf } from "../image/timm-arguments.ts";
import { swinChoices, type SwinConfig, swinDefaults, swinDefaultsFor } from "./config.ts";
import { swinKeys } from "./keys.ts";
import { readTimmSwin, swinLabels, timmSwinConfig } from "./timm.ts";
import { swinAdapterLayouts, swinLayouts } from "./weights.ts";

/** Swin as Hugging Face's library, timm and Microsoft have it. One that cuts maps as timm does is saved as timm's: where maps don't fit windows the two differ. */
export const swinFamily: Family<SwinConfig, ImageModel<SwinConfig>> = {
  open: openImageModel,
  keys: swinKeys,
  configFrom: swinConfigFrom,
  hubConfig(model) {
    if (!isTimms(model.config)) return swinHubConfig(model.config);
    const { hiddenAct } = model.config;
    return timmSwinConfig(model, "swin_tiny_patch4_window7_224", {}, hiddenAct === swinDefaults.hiddenAct ? {} : { hidden_act: hiddenAct });
  },
  layouts(config) {
    const [huggingFace, timm, microsoft] = swinLayouts;
    return isTimms(config) ? [timm, huggingFace, microsoft] : swinLayouts;
  },
  adapterLayouts: () => swinAdapterLayouts,
  head: imageHead,
  parts: [imageProcessorPart],
};

/** From Hugging Face's `config.json`, timm's, or timm's or Microsoft's constructor arguments. What a file leaves out is read off the checkpoint's shapes. */
function swinConfigFrom({ config: json, checkpoint }: PretrainedFiles): SwinConfig {
  const shapes = new CheckpointShapes(checkpoint, "a Swin");
  if (json["model_type"] !== undefined) {
    checkModelType("a Swin", json["model_type"], ["swin"], checkpoint.label);
    const numLabels = swinLabels(shapes);
    const known = { ...camelCaseKeys(json), id2label: labelsFrom(json["id2label"], numLabels), numLabels };
    return configFrom<SwinConfig>(swinDefaultsFor(json["window_size"]), known, swinChoices);
  }
  const { settings, stages, imageSize = swinDefaults.imageSize } = readTimmSwin(json, shapes, "relative_position_bias_table");
  const windows = stages.map(([rows = 1]) => (Math.sqrt(rows) + 1) / 2); // of (2M − 1)² rows, a column for each head
  const windowSize = windows.every((window) => window === windows[0]) ? (windows[0] ?? 1) : windows;
  const [, numPositions] = shapes.find("absolute_pos_embed") ?? [];
  const found = {
    ...settings,
    imageSize: numPositions === undefined ? imageSize : imageSizeOf(numPositions, settings.patchSize, imageSize),
    numHeads: stages.map(([, heads = 1]) => heads),
    windowSize,
    qkvBias: shapes.find("layers.0.blocks.0.attn.qkv.bias") !== undefined,
    useAbsoluteEmbeddings: numPositions !== undefined,
  };
  return configFrom<SwinConfig>(swinDefaultsFor(windowSize), found, swinChoices);
}

/** timm's Swin has no absolute positions. */
const isTimms = ({ windowing, useAbsoluteEmbeddings }: SwinConfig): boolean => windowing === "timm" && !useAbsoluteEmbeddings;

/** The `config.json` that Hugging Face's library reads back; of `windowing` it knows nothing. */
function swinHubConfig({ numLabels, ...shared }: SwinConfig): JsonObject {
  return hubConfigOf(shared, numLabels === 0 ? "SwinModel" : "SwinForImageClassification", "swin");
}
