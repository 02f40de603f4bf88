/** The shape of a CLIP from its checkpoint's entries in OpenAI's names, as OpenAI's `build_model` and open_clip read it off. */
import { type Checkpoint, CheckpointError } from "@x/layers";
import { CheckpointShapes, type Json, type JsonObject } from "@x/layers/model";
import { fieldOf, towerOf } from "./fields.ts";
import {
  type CLIPConfig,
  clipConfig,
  clipResNetDefaults,
  type CLIPTextConfig,
  clipTextDefaults,
  clipVisionDefaults,
  LEGACY_EOS,
  type TextPooling,
  textPoolingOf,
} from "../config.ts";

/** Widths whose heads don't have 64 channels: open_clip's H/14, g/14 and bigG/14. */
const headSizes: Readonly<Record<number, number>> = { 1280: 80, 1408: 88, 1664: 104 };

/**
 * @param openClip what `open_clip_config.json` holds: it tells the activation, and heads. Without it the file counts as OpenAI's, with QuickGELU.
 * @throws CheckpointError when entries are missing by which a CLIP is known
 */
export function inferredConfig(checkpoint: Checkpoint, openClip: JsonObject | undefined): CLIPConfig {
  const shapes = new CheckpointShapes(checkpoint, "a CLIP");
  const hiddenAct = openClip && fieldOf(openClip, "model_cfg", "quick_gelu") !== true ? "gelu" : "quick_gelu";
  const [, projectionDim = 0] = shapes.of("text_projection");
  const isResNet = shapes.count("visual.layer1.{i}.conv1.weight") > 0;
  const scale = fieldOf(openClip, "model_cfg", "init_logit_scale");
  return clipConfig({
    projectionDim,
    ...(typeof scale === "number" && { logitScaleInitValue: scale }),
    textConfig: textTower(shapes, hiddenAct, towerOf(openClip, "text_cfg")),
    visionConfig: isResNet ? resNet(shapes, towerOf(openClip, "vision_cfg")) : viT(shapes, hiddenAct, towerOf(openClip, "vision_cfg")),
  });
}

function textTower(shapes: CheckpointShapes, hiddenAct: string, said: Json | undefined): CLIPTextConfig {
  const shape = textShape(shapes, "", said);
  const [heads, eosId] = [fieldOf(said, "heads"), fieldOf(said, "eos_id")];
  const told = textPoolings[String(fieldOf(said, "pool_type") ?? "argmax")];
  const eosTokenId = told === "eos" && typeof eosId === "number" ? eosId : LEGACY_EOS;
  const pooling = told === textPoolingOf({ eosTokenId }) ? undefined : told; // said once
  const causal = fieldOf(said, "no_causal_mask") !== true;
  const isPadded = !causal || pooling === "last";
  return {
    ...clipTextDefaults,
    ...towerSettings(said, hiddenAct),
    ...shape,
    numAttentionHeads: typeof heads === "number" ? heads : Math.max(1, shape.hiddenSize / 64),
    pooling,
    eosTokenId,
    causal,
    paddingId: isPadded && fieldOf(said, "hf_tokenizer_name") === undefined ? 0 : undefined, // OpenAI's tokenizer pads with 0, others with their own
  };
}

type TextShape = Pick<CLIPTextConfig, "vocabSize" | "hiddenSize" | "maxPositionEmbeddings" | "numHiddenLayers" | "intermediateSize">;

/** What the entries of a text encoder say. @param prefix of their names: `text.`, or none @param said `text_cfg` @throws CheckpointError when it says something else */
export function textShape(shapes: CheckpointShapes, prefix: "" | "text.", said: Json | undefined): TextShape {
  const [vocabSize = 0, hiddenSize = 0] = shapes.of(`${prefix}token_embedding.weight`);
  return {
    vocabSize,
    hiddenSize,
    maxPositionEmbeddings: asTold(
      "text_cfg: context_length",
      fieldOf(said, "context_length"),
      shapes.of(`${prefix}positional_embedding`)[0] ?? 0,
    ),
    numHiddenLayers: shapes.count(`${prefix}transformer.resblocks.{i}.ln_1.weight`),
    intermediateSize: shapes.of(`${prefix}transformer.resblocks.0.mlp.c_fc.weight`)[0] ?? 0,
  };
}

function viT(shapes: CheckpointShapes, hiddenAct: string, said: Json | undefined): CLIPConfig["visionConfig"] {
  const headWidth = fieldOf(said, "head_width");
  const [hiddenSize = 0, numChannels = 3, patchSize = 0] = shapes.of("visual.conv1.weight");
  const [positions = 1] = shapes.of("visual.positional_embedding");
  const headSize = typeof headWidth === "number" ? headWidth : (headSizes[hiddenSize] ?? 64);
  return {
    ...clipVisionDefaults,
    ...towerSettings(said, hiddenAct),
    numChannels,
    patchSize,
    hiddenSize,
    imageSize: asTold("vision_cfg: image_size", fieldOf(said, "image_size"), patchSize * Math.round(Math.sqrt(positions - 1))),
    numHiddenLayers: shapes.count("visual.transformer.resblocks.{i}.ln_1.weight"),
    numAttentionHeads: Math.max(1, hiddenSize / headSize),
    intermediateSize: shapes.of("visual.transformer.resblocks.0.mlp.c_fc.weight")[0] ?? 0,
    pooling: fieldOf(said, "pool_type") !== "avg" ? "token" : fieldOf(said, "final_ln_after_pool") === true ? "mean" : "meanOfNormed",
    normPre: fieldOf(said, "no_ln_pre") !== true,
  };
}

/**
 * What the weights say, which is what the file says if it says anything. open_clip resamples the positions where the two differ, which isn't done here.
 * @throws CheckpointError when they differ
 */
export function asTold(setting: string, told: Json | undefined, found: number): number {
  const sides: readonly (Json | undefined)[] = Array.isArray(told) ? told : [told ?? found];
  if (sides.every((side) => side === found)) return found;
  const expected = `${found}, what the weights have positions for`;
  throw new CheckpointError(`open_clip_config.json: ${setting} isn't what the weights are for`, { expected, found: JSON.stringify(told) });
}

/** open_clip's words for it. */
const textPoolings: Readonly<Record<string, TextPooling>> = { argmax: "greatest", eos: "eos", first: "first", last: "last" };

/** What arguments of the activation and the norms change. */
export function towerSettings(said: Json | undefined, hiddenAct: string): Pick<CLIPTextConfig, "hiddenAct" | "layerNormEps"> {
  const eps = fieldOf(said, "norm_kwargs", "eps");
  const isTanh = fieldOf(said, "act_kwargs", "approximate") === "tanh";
  return {
    hiddenAct: isTanh ? "gelu_pytorch_tanh" : hiddenAct,
    layerNormEps: typeof eps === "number" ? eps : clipTextDefaults.layerNormEps,
  };
}

function resNet(shapes: CheckpointShapes, said: Json | undefined): CLIPConfig["visionConfig"] {
  const [positions = 1] = shapes.of("visual.attnpool.positional_embedding");
  return {
    ...clipResNetDefaults,
    numChannels: shapes.of("visual.conv1.weight")[1] ?? 3,
    width: shapes.of("visual.layer1.0.conv1.weight")[0] ?? 0,
    imageSize: asTold("vision_cfg: image_size", fieldOf(said, "image_size"), 32 * Math.round(Math.sqrt(positions - 1))),
    layers: [1, 2, 3, 4].map((stage) => shapes.count(`visual.layer${stage}.{i}.conv1.weight`)),
  };
}
