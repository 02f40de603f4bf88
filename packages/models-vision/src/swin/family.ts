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
import { timmArguments } from "../image/timm-arguments.ts";
import { swinChoices, type SwinConfig, swinDefaults, swinDefaultsFor } from "./config.ts";
import { swinKeys } from "./keys.ts";
import { swinAdapterLayouts, swinLayouts } from "./weights.ts";

/** Swin as Hugging Face's library, timm and Microsoft have it. */
export const swinFamily: Family<SwinConfig, ImageModel<SwinConfig>> = {
  open: openImageModel,
  keys: swinKeys,
  configFrom: swinConfigFrom,
  hubConfig: ({ config }) => swinHubConfig(config),
  layouts: () => swinLayouts,
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
  return {
    ...swinDefaults,
    imageSize: numPositions === undefined ? (timmArguments(json).imageSize ?? swinDefaults.imageSize) : patchSize * Math.sqrt(numPositions),
    patchSize,
    numChannels,
    embedDim,
    depths: stages.map((_, stage) => shapes.count(`layers.${stage}.blocks.{b}.attn.relative_position_bias_table`)),
    numHeads: stages.map(([, heads]) => heads),
    windowSize: windows.every((window) => window === windows[0]) ? (windows[0] ?? 1) : windows,
    mlpRatio: (shapes.find("layers.0.blocks.0.mlp.fc1.weight")?.[0] ?? 0) / embedDim,
    qkvBias: shapes.find("layers.0.blocks.0.attn.qkv.bias") !== undefined,
    useAbsoluteEmbeddings: numPositions !== undefined,
    id2label: labelsFrom(json["label_names"], numLabels),
    numLabels,
    windowing: "timm",
  };
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

/** The `config.json` that Hugging Face's library reads back; of `windowing` it knows nothing. */
function swinHubConfig({ numLabels, ...shared }: SwinConfig): JsonObject {
  return hubConfigOf(shared, numLabels === 0 ? "SwinModel" : "SwinForImageClassification", "swin");
}
