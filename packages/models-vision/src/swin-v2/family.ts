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
import { hubActivation, timmActivation } from "../image/timm-arguments.ts";
import { swinDefaultsFor } from "../swin/config.ts";
import { readTimmSwin, swinLabels, timmSwinConfig } from "../swin/timm.ts";
import { swinV2Choices, type SwinV2Config, swinV2Defaults } from "./config.ts";
import { swinV2Keys } from "./keys.ts";
import { swinV2Layouts } from "./weights.ts";

/** Swin V2 as Hugging Face's library, timm and Microsoft have it. One that is read from timm's files is saved as timm's: where maps don't fit windows the two differ. */
export const swinV2Family: Family<SwinV2Config, ImageModel<SwinV2Config>> = {
  open: openImageModel,
  keys: swinV2Keys,
  configFrom: swinV2ConfigFrom,
  hubConfig(model) {
    const { windowing, pretrainedWindowSizes, alwaysPartition, hiddenAct, useAbsoluteEmbeddings } = model.config;
    if (windowing !== "timm") return hubSwinV2Config(model.config);
    const args = {
      pretrained_window_sizes: [...pretrainedWindowSizes],
      always_partition: alwaysPartition,
      act_layer: timmActivation(hiddenAct),
      ...(useAbsoluteEmbeddings && { ape: true }),
    };
    return timmSwinConfig(model, "swinv2_tiny_window8_256", args, {});
  },
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
  if (json["model_type"] !== undefined) {
    checkModelType("a Swin V2", json["model_type"], ["swinv2"], checkpoint.label);
    const numLabels = swinLabels(shapes);
    const known = { ...camelCaseKeys(json), id2label: labelsFrom(json["id2label"], numLabels), numLabels };
    return configFrom<SwinV2Config>(swinV2Defaults, known, swinV2Choices);
  }
  const { settings, stages, architecture, args, imageSize } = readTimmSwin(json, shapes, "logit_scale"); // (heads, 1, 1)
  const [, before, after] = /window(\d+)(?:to(\d+))?/.exec(architecture) ?? [];
  const windowSize = Number(after ?? before ?? swinV2Defaults.windowSize);
  const trained = after === undefined ? stages.map(() => 0) : [Number(before), Number(before), Number(before), Number(before) / 2];
  const found = {
    ...settings,
    imageSize: imageSize ?? Number(/(\d+)$/.exec(architecture)?.[1] ?? swinV2Defaults.imageSize),
    numHeads: stages.map(([heads = 1]) => heads),
    windowSize: args["window_size"] === undefined ? windowSize : windowSizesFrom(args["window_size"], stages.length),
    pretrainedWindowSizes: numbersFrom(args["pretrained_window_sizes"]) ?? trained,
    qkvBias: shapes.find("layers.0.blocks.0.attn.q_bias") !== undefined,
    hiddenAct: typeof args["act_layer"] === "string" ? hubActivation(args["act_layer"]) : swinV2Defaults.hiddenAct,
  };
  return configFrom<SwinV2Config>({ ...swinV2Defaults, windowSize: swinDefaultsFor(found.windowSize).windowSize }, found, swinV2Choices);
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
