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
import { imageSizeOf, numberOr, timmArguments } from "../image/timm-arguments.ts";
import { timmHubConfig } from "../image/timm-hub-config.ts";
import { swinChoices, type SwinConfig, swinDefaults, swinDefaultsFor } from "./config.ts";
import { swinKeys } from "./keys.ts";
import { swinAdapterLayouts, swinLayouts } from "./weights.ts";

/** Swin as Hugging Face's library, timm and Microsoft have it. One that cuts maps as timm does is saved as timm's: where maps don't fit windows the two differ. */
export const swinFamily: Family<SwinConfig, ImageModel<SwinConfig>> = {
  open: openImageModel,
  keys: swinKeys,
  configFrom: swinConfigFrom,
  hubConfig: (model) => (isTimms(model.config) ? timmSwinConfig(model) : swinHubConfig(model.config)),
  layouts(config) {
    const [huggingFace, timm, microsoft] = swinLayouts;
    return isTimms(config) ? [timm, huggingFace, microsoft] : swinLayouts;
  },
  adapterLayouts: () => swinAdapterLayouts,
  head: imageHead,
  parts: [imageProcessorPart],
};

/**
 * From Hugging Face's `config.json`, timm's, or timm's or Microsoft's constructor arguments. What a file leaves out is read off the checkpoint's shapes.
 */
function swinConfigFrom({ config: json, checkpoint }: PretrainedFiles): SwinConfig {
  const shapes = new CheckpointShapes(checkpoint, "a Swin");
  const numLabels = shapes.find("classifier.weight", "head.fc.weight", "head.weight")?.[0] ?? 0;
  if (json["model_type"] !== undefined) {
    checkModelType("a Swin", json["model_type"], ["swin"], checkpoint.label);
    const known = { ...camelCaseKeys(json), id2label: labelsFrom(json["id2label"], numLabels), numLabels };
    return configFrom<SwinConfig>(swinDefaultsFor(json["window_size"]), known, swinChoices);
  }
  const [embedDim = 0, numChannels = 3, patchSize = 4] = shapes.of("patch_embed.proj.weight");
  const stages = stagesOf(shapes);
  const windows = stages.map(([rows]) => (Math.sqrt(rows) + 1) / 2);
  const [, numPositions] = shapes.find("absolute_pos_embed") ?? [];
  const { args, imageSize = swinDefaults.imageSize } = timmArguments(json);
  const windowSize = windows.every((window) => window === windows[0]) ? (windows[0] ?? 1) : windows;
  const found = {
    ...camelCaseKeys(args), // settings of our own, and:
    hiddenDropoutProb: numberOr(args["proj_drop_rate"], 0),
    attentionProbsDropoutProb: numberOr(args["attn_drop_rate"], 0),
    imageSize: numPositions === undefined ? imageSize : imageSizeOf(numPositions, patchSize, imageSize),
    patchSize,
    numChannels,
    embedDim,
    depths: stages.map((_, stage) => shapes.count(`layers.${stage}.blocks.{b}.attn.relative_position_bias_table`)),
    numHeads: stages.map(([, heads]) => heads),
    windowSize,
    mlpRatio: (shapes.find("layers.0.blocks.0.mlp.fc1.weight")?.[0] ?? 0) / embedDim,
    qkvBias: shapes.find("layers.0.blocks.0.attn.qkv.bias") !== undefined,
    useAbsoluteEmbeddings: numPositions !== undefined,
    id2label: labelsFrom(json["label_names"], numLabels),
    numLabels,
    windowing: "timm",
  };
  return configFrom<SwinConfig>(swinDefaultsFor(windowSize), found, swinChoices);
}

/** The table of relative positions of each stage's first block: (2M − 1)² rows, a column for each head. */
function stagesOf(shapes: CheckpointShapes): (readonly [rows: number, heads: number])[] {
  const stages: (readonly [number, number])[] = [];
  const table = (stage: number): string => `layers.${stage}.blocks.0.attn.relative_position_bias_table`;
  do {
    const [rows = 1, heads = 1] = shapes.of(table(stages.length));
    stages.push([rows, heads]);
  } while (shapes.find(table(stages.length)));
  return stages;
}

/** timm's Swin has no absolute positions. */
const isTimms = ({ windowing, useAbsoluteEmbeddings }: SwinConfig): boolean => windowing === "timm" && !useAbsoluteEmbeddings;

/** The `config.json` that timm reads back. Of another activation or epsilon than the paper's no argument says anything, so it has no name for such a model. */
function timmSwinConfig(model: ImageModel<SwinConfig>): JsonObject {
  const c = model.config;
  const own: JsonObject = {
    ...(c.hiddenAct === swinDefaults.hiddenAct ? {} : { hidden_act: c.hiddenAct }),
    ...(c.layerNormEps === swinDefaults.layerNormEps ? {} : { layer_norm_eps: c.layerNormEps }),
  };
  const architecture = Object.keys(own).length > 0 ? undefined : "swin_tiny_patch4_window7_224";
  const config = timmHubConfig(model, architecture, c.embedDim * 2 ** (c.depths.length - 1), {
    patch_size: c.patchSize,
    embed_dim: c.embedDim,
    depths: [...c.depths],
    num_heads: [...c.numHeads],
    window_size: typeof c.windowSize === "number" ? c.windowSize : c.windowSize.map((side) => [side, side]),
    mlp_ratio: c.mlpRatio,
    qkv_bias: c.qkvBias,
    proj_drop_rate: c.hiddenDropoutProb,
    attn_drop_rate: c.attentionProbsDropoutProb,
    drop_path_rate: c.dropPathRate,
  });
  return { ...config, ...own };
}

/** The `config.json` that Hugging Face's library reads back; of `windowing` it knows nothing. */
function swinHubConfig({ numLabels, ...shared }: SwinConfig): JsonObject {
  return hubConfigOf(shared, numLabels === 0 ? "SwinModel" : "SwinForImageClassification", "swin");
}
