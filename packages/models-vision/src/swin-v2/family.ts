import { CheckpointError } from "@x/layers";
import {
  camelCaseKeys,
  checkModelType,
  CheckpointShapes,
  configFrom,
  type Family,
  hubConfigOf,
  type Json,
  type JsonObject,
  labelsFrom,
  type PretrainedFiles,
} from "@x/layers/model";
import { imageHead, type ImageModel, imageProcessorPart, openImageModel } from "../image/pretrained-processor.ts";
import { hubActivation, numberOr, timmActivation, timmArguments } from "../image/timm-arguments.ts";
import { timmHubConfig } from "../image/timm-hub-config.ts";
import { swinDefaultsFor } from "../swin/config.ts";
import { swinV2Choices, type SwinV2Config, swinV2Defaults } from "./config.ts";
import { swinV2Keys } from "./keys.ts";
import { swinV2Layouts } from "./weights.ts";

/** Swin V2 as Hugging Face's library, timm and Microsoft have it. One that is read from timm's files is saved as timm's: where maps don't fit windows the two differ. */
export const swinV2Family: Family<SwinV2Config, ImageModel<SwinV2Config>> = {
  open: openImageModel,
  keys: swinV2Keys,
  configFrom: swinV2ConfigFrom,
  hubConfig: (model) => (model.config.windowing === "timm" ? timmSwinV2Config(model) : hubSwinV2Config(model.config)),
  floats: ["mlp_ratio"],
  layouts({ windowing }) {
    const [huggingFace, timm, microsoft] = swinV2Layouts;
    return windowing === "timm" ? [timm, microsoft, huggingFace] : swinV2Layouts;
  },
  head: imageHead,
  parts: [imageProcessorPart],
};

/** From Hugging Face's `config.json`, timm's, or timm's or Microsoft's constructor arguments. What a file leaves out is read off the checkpoint's shapes. */
function swinV2ConfigFrom({ config: json, checkpoint }: PretrainedFiles): SwinV2Config {
  const shapes = new CheckpointShapes(checkpoint, "a Swin V2");
  const numLabels = shapes.find("classifier.weight", "head.fc.weight", "head.weight")?.[0] ?? 0;
  if (json["model_type"] !== undefined) {
    checkModelType("a Swin V2", json["model_type"], ["swinv2"], checkpoint.label);
    const known = { ...camelCaseKeys(json), id2label: labelsFrom(json["id2label"], numLabels), numLabels };
    return configFrom<SwinV2Config>(swinV2Defaults, known, swinV2Choices);
  }
  const { architecture, args, imageSize } = timmArguments(json);
  const [embedDim = 0, numChannels = 3, patchSize = 4] = shapes.of("patch_embed.proj.weight");
  const scales = stageScales(shapes);
  const [, before, after] = /window(\d+)(?:to(\d+))?/.exec(architecture) ?? [];
  const windowSize = Number(after ?? before ?? swinV2Defaults.windowSize);
  const trained = after === undefined ? scales.map(() => 0) : [Number(before), Number(before), Number(before), Number(before) / 2];
  const found = {
    imageSize: imageSize ?? Number(/(\d+)$/.exec(architecture)?.[1] ?? swinV2Defaults.imageSize),
    patchSize,
    numChannels,
    embedDim,
    depths: scales.map((_, stage) => shapes.count(`layers.${stage}.blocks.{b}.attn.logit_scale`)),
    numHeads: scales.map(([heads = 1]) => heads),
    windowSize: args["window_size"] === undefined ? windowSize : windowSizesFrom(args["window_size"], scales.length),
    pretrainedWindowSizes: numbersFrom(args["pretrained_window_sizes"]) ?? trained,
    alwaysPartition: args["always_partition"] === true,
    mlpRatio: (shapes.of("layers.0.blocks.0.mlp.fc1.weight")[0] ?? 0) / embedDim,
    qkvBias: shapes.find("layers.0.blocks.0.attn.q_bias") !== undefined,
    hiddenAct: typeof args["act_layer"] === "string" ? hubActivation(args["act_layer"]) : swinV2Defaults.hiddenAct,
    hiddenDropoutProb: numberOr(args["proj_drop_rate"], 0),
    attentionProbsDropoutProb: numberOr(args["attn_drop_rate"], 0),
    dropPathRate: numberOr(args["drop_path_rate"], swinV2Defaults.dropPathRate),
    initializerRange: numberOr(json["initializer_range"], swinV2Defaults.initializerRange),
    layerNormEps: numberOr(json["layer_norm_eps"], swinV2Defaults.layerNormEps),
    id2label: labelsFrom(json["label_names"], numLabels),
    problemType: json["problem_type"] ?? null,
    numLabels,
    windowing: "timm",
  };
  return configFrom<SwinV2Config>({ ...swinV2Defaults, windowSize: swinDefaultsFor(found.windowSize).windowSize }, found, swinV2Choices);
}

/** The shape of each stage's first logit scale: (heads, 1, 1). */
function stageScales(shapes: CheckpointShapes): (readonly number[])[] {
  const scales: (readonly number[])[] = [];
  const scale = (stage: number): string => `layers.${stage}.blocks.0.attn.logit_scale`;
  do scales.push(shapes.of(scale(scales.length)));
  while (shapes.find(scale(scales.length)));
  return scales;
}

/** One number for all stages, two for the height and width of all, or one for each stage. @throws CheckpointError unless windows are square */
function windowSizesFrom(given: Json | undefined, numStages: number): number | readonly number[] {
  const squares = (list: readonly Json[]): readonly (number | undefined)[] => list.map((item) => squareFrom(item));
  const sizes = Array.isArray(given) && !(given.length === 2 && typeof given[0] === "number") ? squares(given) : [squareFrom(given)];
  const [first] = sizes;
  if (first !== undefined && sizes.length === 1) return first;
  const whole = sizes.filter((size) => size !== undefined);
  if (whole.length === numStages) return whole.every((size) => size === whole[0]) ? (whole[0] ?? 0) : whole;
  throw new CheckpointError("config.json: window_size can't be followed", {
    expected: "a side, or one for each stage; windows are square here",
    found: JSON.stringify(given),
  });
}

function squareFrom(given: Json | undefined): number | undefined {
  const [height, width] = Array.isArray(given) ? given : [given, given];
  return typeof height === "number" && height === width ? height : undefined;
}

const numbersFrom = (given: Json | undefined): readonly number[] | undefined => (Array.isArray(given) ? given.map(Number) : undefined);

/** The `config.json` that Hugging Face's library reads back. @throws CheckpointError when it couldn't be followed there */
function hubSwinV2Config({ numLabels, windowing: _windowing, alwaysPartition, ...shared }: SwinV2Config): JsonObject {
  if (alwaysPartition) throw new CheckpointError('alwaysPartition can\'t be saved: only timm has it, so windowing should be "timm"');
  return hubConfigOf(shared, numLabels === 0 ? "Swinv2Model" : "Swinv2ForImageClassification", "swinv2");
}

function timmSwinV2Config(model: ImageModel<SwinV2Config>): JsonObject {
  const c = model.config;
  const own: JsonObject = c.layerNormEps === swinV2Defaults.layerNormEps ? {} : { layer_norm_eps: c.layerNormEps }; // which no argument says
  const architecture = Object.keys(own).length > 0 ? undefined : "swinv2_tiny_window8_256";
  const config = timmHubConfig(model, architecture, c.embedDim * 2 ** (c.depths.length - 1), {
    patch_size: c.patchSize,
    embed_dim: c.embedDim,
    depths: [...c.depths],
    num_heads: [...c.numHeads],
    window_size: typeof c.windowSize === "number" ? c.windowSize : c.windowSize.map((side) => [side, side]),
    pretrained_window_sizes: [...c.pretrainedWindowSizes],
    always_partition: c.alwaysPartition,
    mlp_ratio: c.mlpRatio,
    qkv_bias: c.qkvBias,
    act_layer: timmActivation(c.hiddenAct),
    proj_drop_rate: c.hiddenDropoutProb,
    attn_drop_rate: c.attentionProbsDropoutProb,
    drop_path_rate: c.dropPathRate,
    ...(c.useAbsoluteEmbeddings ? { ape: true } : {}),
  });
  return { ...config, ...own };
}
