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
import { viTChoices, type ViTConfig, viTConfig, viTDefaults } from "./config.ts";
import { isDinoV2 } from "./is-dinov2.ts";
import { viTKeys } from "./keys.ts";
import { viTAdapterLayouts, type ViTLayoutName, viTLayouts } from "./weights.ts";

/**
 * ViT, DeiT, MSN and DINOv2 as Hugging Face's library and timm have them. A masked autoencoder's files are read, too, for its encoder. How timm and DINOv2 say
 * what a model is comes with the first file of theirs.
 */
export const viTFamily: Family<ViTConfig, ImageModel<ViTConfig>> = {
  open: openImageModel,
  keys: viTKeys,
  configFrom: viTConfigFrom,
  hubConfig: viTHubConfig,
  floats: ["layerscale_value"],
  override: overridden,
  layouts(config) {
    const saved = viTLayouts[savedAs(config)];
    const needed = linesFor(config);
    return [saved, ...Object.values(viTLayouts).filter((layout) => layout !== saved && needed.every((path) => path in layout.table))];
  },
  adapterLayouts: (config) => viTAdapterLayouts(savedAs(config)),
  head: imageHead,
  parts: [imageProcessorPart],
};

/**
 * From Hugging Face's `config.json` (model_type `vit`, `deit`, `vit_msn`, `dinov2`…), timm's (an architecture's name such as `vit_base_patch16_224`), or
 * timm's constructor arguments. What a file leaves out is read off the checkpoint's shapes.
 */
async function viTConfigFrom({ config: json, checkpoint }: PretrainedFiles): Promise<ViTConfig> {
  const shapes = new CheckpointShapes(checkpoint, "a ViT");
  const type = json["model_type"];
  if (type === undefined) return (await import("./timm.ts")).timmConfig(json, shapes);
  checkModelType("a ViT", type, ["vit", "deit", "vit_msn", "vit_mae", "dinov2", "dinov2_with_registers"], checkpoint.label);
  const numLabels = shapes.find("classifier.weight", "cls_classifier.weight")?.[0] ?? 0;
  const found = { ...camelCaseKeys(json), id2label: labelsFrom(json["id2label"], numLabels), numLabels };
  if (type === "dinov2" || type === "dinov2_with_registers") return (await import("./dinov2.ts")).dinoV2Config(found);
  const distilled = shapes.find("deit.embeddings.distillation_token", "embeddings.distillation_token") !== undefined;
  const distillationHead = !distilled || shapes.find("classifier.weight") === undefined;
  const defaults = { ...viTDefaults, ...(type === "vit_msn" && { layerNormEps: 1e-6 }) };
  return configFrom<ViTConfig>(defaults, { ...found, distilled, distillationHead }, viTChoices);
}

/** With another pooling the last norm stands where that has it. */
function overridden(found: ViTConfig, wanted: Partial<ViTConfig>): ViTConfig {
  const { pooling = found.pooling } = wanted;
  const { finalNorm } = pooling === found.pooling ? found : viTConfig({ pooling });
  return { ...found, finalNorm, ...wanted };
}

/** Where a model of this config is at home: the first library that has all its parts. */
function savedAs(config: ViTConfig): ViTLayoutName {
  if (isDinoV2(config)) {
    return `dinoV2${config.numRegisterTokens > 0 ? "Registers" : ""}${config.useSwigluFfn ? "Gated" : ""}`;
  }
  if (isPlain(config)) return config.distilled ? (config.distillationHead ? "deiT" : "deiTOneHead") : "viT";
  return config.finalNorm === "pooled" ? "timmPooledNorm" : "timm";
}

/** What a ViT may differ in besides sizes. */
const parts = [
  "pooling",
  "finalNorm",
  "classToken",
  "positions",
  "preNorm",
  "branchNorm",
  "layerscaleValue",
  "useSwigluFfn",
  "numRegisterTokens",
] as const;

const isPlain = (config: ViTConfig): boolean => parts.every((part) => config[part] === viTDefaults[part]);

/** What not every table of names has, by the paths of those that have it. */
const linesFor = ({ preNorm, pooling, layerscaleValue }: ViTConfig): readonly string[] => [
  ...(preNorm ? ["normPre.*"] : []),
  ...(pooling === "latent" ? ["latentPool.*"] : []),
  ...(layerscaleValue > 0 ? ["blocks.{i}.scale1.gamma"] : []),
];

async function viTHubConfig(model: ImageModel<ViTConfig>): Promise<JsonObject> {
  const { config } = model;
  if (savedAs(config).startsWith("timm")) return (await import("./timm.ts")).timmViTHubConfig(model);
  return isDinoV2(config) ? (await import("./dinov2.ts")).dinoV2HubConfig(config) : plainHubConfig(config);
}

/** As Hugging Face's library reads it; what it doesn't know (`position_interpolation`) it passes over. */
function plainHubConfig({ numLabels, distilled, distillationHead, ...config }: ViTConfig): JsonObject {
  const { pooling: _1, finalNorm: _2, classToken: _3, positions: _4, preNorm: _5, branchNorm: _6, ...known } = config;
  const task = numLabels === 0 ? "Model" : `ForImageClassification${distilled && distillationHead ? "WithTeacher" : ""}`;
  return hubConfigOf(known, `${distilled ? "DeiT" : "ViT"}${task}`, distilled ? "deit" : "vit");
}
