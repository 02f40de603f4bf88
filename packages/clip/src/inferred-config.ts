/** The shape of a CLIP from its checkpoint's entries in OpenAI's names, as OpenAI's `build_model` and open_clip read it off. */
import type { Checkpoint } from "@x/layers";
import { CheckpointShapes, isJsonObject, type Json, type JsonObject } from "@x/layers/model";
import { type CLIPConfig, clipConfig, clipResNetDefaults, type CLIPTextConfig, clipTextDefaults, clipVisionDefaults } from "./config.ts";

/** Widths whose heads don't have 64 channels: open_clip's H/14, g/14 and bigG/14. */
const headSizes: Readonly<Record<number, number>> = { 1280: 80, 1408: 88, 1664: 104 };

/**
 * @param openClip what `open_clip_config.json` holds: it tells the activation, and heads. Without it the file counts as OpenAI's, with QuickGELU.
 * @throws CheckpointError when entries are missing by which a CLIP is known
 */
export function inferredConfig(checkpoint: Checkpoint, openClip: JsonObject | undefined): CLIPConfig {
  const shapes = new CheckpointShapes(checkpoint, "a CLIP");
  const model = field(openClip, "model_cfg");
  const hiddenAct = openClip && field(model, "quick_gelu") !== true ? "gelu" : "quick_gelu";
  const [, projectionDim = 0] = shapes.of("text_projection");
  const isResNet = shapes.count("visual.layer1.{i}.conv1.weight") > 0;
  const vision = isResNet ? resNet(shapes) : viT(shapes, hiddenAct, field(field(model, "vision_cfg"), "head_width"));
  return clipConfig({
    projectionDim,
    textConfig: text(shapes, hiddenAct, field(field(model, "text_cfg"), "heads")),
    visionConfig: vision,
  });
}

function text(shapes: CheckpointShapes, hiddenAct: string, heads: Json | undefined): CLIPTextConfig {
  const [vocabSize = 0, hiddenSize = 0] = shapes.of("token_embedding.weight");
  return {
    ...clipTextDefaults,
    vocabSize,
    hiddenSize,
    hiddenAct,
    maxPositionEmbeddings: shapes.of("positional_embedding")[0] ?? 0,
    numHiddenLayers: shapes.count("transformer.resblocks.{i}.ln_1.weight"),
    numAttentionHeads: typeof heads === "number" ? heads : Math.max(1, hiddenSize / 64),
    intermediateSize: shapes.of("transformer.resblocks.0.mlp.c_fc.weight")[0] ?? 0,
    eosTokenId: 2, // the token of the greatest id, as their code takes it
  };
}

function viT(shapes: CheckpointShapes, hiddenAct: string, headWidth: Json | undefined): CLIPConfig["visionConfig"] {
  const [hiddenSize = 0, numChannels = 3, patchSize = 0] = shapes.of("visual.conv1.weight");
  const [positions = 1] = shapes.of("visual.positional_embedding");
  const headSize = typeof headWidth === "number" ? headWidth : (headSizes[hiddenSize] ?? 64);
  return {
    ...clipVisionDefaults,
    numChannels,
    patchSize,
    hiddenSize,
    hiddenAct,
    imageSize: patchSize * Math.round(Math.sqrt(positions - 1)),
    numHiddenLayers: shapes.count("visual.transformer.resblocks.{i}.ln_1.weight"),
    numAttentionHeads: Math.max(1, hiddenSize / headSize),
    intermediateSize: shapes.of("visual.transformer.resblocks.0.mlp.c_fc.weight")[0] ?? 0,
  };
}

function resNet(shapes: CheckpointShapes): CLIPConfig["visionConfig"] {
  const [positions = 1] = shapes.of("visual.attnpool.positional_embedding");
  return {
    ...clipResNetDefaults,
    numChannels: shapes.of("visual.conv1.weight")[1] ?? 3,
    width: shapes.of("visual.layer1.0.conv1.weight")[0] ?? 0,
    imageSize: 32 * Math.round(Math.sqrt(positions - 1)),
    layers: [1, 2, 3, 4].map((stage) => shapes.count(`visual.layer${stage}.{i}.conv1.weight`)),
  };
}

const field = (of: Json | undefined, key: string): Json | undefined => (isJsonObject(of) ? of[key] : undefined);
