import {
  camelCaseKeys,
  checkModelType,
  CheckpointShapes,
  configFrom,
  type Family,
  hubConfigOf,
  type JsonObject,
  labelsFrom,
  openPretrained,
  type PretrainedFiles,
} from "@x/layers/model";
import { imageHead, type ImageModel, imageProcessorPart } from "../image/pretrained-processor.ts";
import { type ViTConfig, viTDefaults } from "./config.ts";
import { type EncoderConfig, encoderDefaults } from "./encoder-config.ts";
import { viTKeys } from "./keys.ts";
import { viTAdapterLayouts, viTLayouts } from "./weights.ts";

/** ViT and DeiT as Hugging Face's library and timm have them. A masked autoencoder's files are read, too, for its encoder. */
export const viTFamily: Family<ViTConfig, ImageModel<ViTConfig>> = {
  open: openPretrained,
  keys: viTKeys,
  configFrom: viTConfigFrom,
  hubConfig: ({ config }) => viTHubConfig(config),
  layouts({ distilled }) {
    const [viT, deiT, ...timm] = viTLayouts;
    return distilled ? [deiT, viT, ...timm] : viTLayouts;
  },
  adapterLayouts: ({ distilled }) => viTAdapterLayouts(distilled),
  head: imageHead,
  parts: [imageProcessorPart],
};

/**
 * From Hugging Face's `config.json` (model_type `vit`, `vit_mae`, `deit`), timm's (an architecture's name such as `vit_base_patch16_224`), or timm's
 * constructor arguments. What a file leaves out is read off the checkpoint's shapes.
 */
function viTConfigFrom({ config: json, checkpoint }: PretrainedFiles): ViTConfig {
  const shapes = new CheckpointShapes(checkpoint, "a ViT");
  const numLabels = shapes.find("classifier.weight", "cls_classifier.weight", "head.weight")?.[0] ?? 0;
  if (json["model_type"] !== undefined) {
    checkModelType("a ViT", json["model_type"], ["vit", "deit", "vit_mae"], checkpoint.label);
    const distilled = shapes.find("deit.embeddings.distillation_token", "embeddings.distillation_token") !== undefined;
    const known = { ...camelCaseKeys(json), id2label: labelsFrom(json["id2label"], numLabels), numLabels, distilled };
    return configFrom<ViTConfig>(viTDefaults, known);
  }
  return {
    ...viTDefaults,
    ...timmEncoderConfig(json, shapes),
    id2label: labelsFrom(json["label_names"], numLabels),
    numLabels,
    distilled: shapes.find("dist_token") !== undefined,
    pooling: shapes.find("fc_norm.weight") ? "mean" : "cls",
  };
}

/** The encoder of a checkpoint in timm's names. */
export function timmEncoderConfig(json: JsonObject, shapes: CheckpointShapes): EncoderConfig {
  const [hiddenSize = 0, numChannels = 3, patchSize = 16] = shapes.of("patch_embed.proj.weight");
  const [, numPositions = 1] = shapes.of("pos_embed");
  const numSpecialTokens = shapes.find("dist_token") ? 2 : 1;
  return {
    ...encoderDefaults,
    imageSize: patchSize * Math.round(Math.sqrt(numPositions - numSpecialTokens)),
    patchSize,
    numChannels,
    hiddenSize,
    numHiddenLayers: shapes.count("blocks.{i}.norm1.weight"),
    numAttentionHeads: numHeadsOf(json, hiddenSize),
    intermediateSize: shapes.find("blocks.0.mlp.fc1.weight")?.[0] ?? 4 * hiddenSize,
    qkvBias: shapes.find("blocks.0.attn.qkv.bias") !== undefined,
    layerNormEps: 1e-6,
    positionInterpolation: "cubicAntialias",
  };
}

/** timm's architectures have heads of 64 channels, but for huge (80) and giant (88, with 1408 channels). */
function numHeadsOf(json: JsonObject, hiddenSize: number): number {
  const given = json["num_heads"];
  return typeof given === "number" ? given : ({ 1280: 16, 1408: 16 }[hiddenSize] ?? hiddenSize / 64);
}

/** As Hugging Face's library reads it; what it doesn't know (`pooling`, `drop_path_rate`…) it passes over. */
function viTHubConfig({ numLabels, distilled, ...shared }: ViTConfig): JsonObject {
  const task = numLabels === 0 ? "Model" : distilled ? "ForImageClassificationWithTeacher" : "ForImageClassification";
  const architecture = `${distilled ? "DeiT" : "ViT"}${task}`;
  return hubConfigOf(shared, architecture, distilled ? "deit" : "vit");
}
