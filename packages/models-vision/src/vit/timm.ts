/**
 * timm's `VisionTransformer`, read off its constructor's arguments, its architecture's name, and its checkpoint's shapes; and written as its `config.json`.
 * What an architecture's name says here, nothing else in the files does: activation, epsilon, heads, which side of the branches is normed.
 */
import { CheckpointError } from "@x/layers";
import { type CheckpointShapes, configFrom, type Json, type JsonObject, labelsFrom, patchCount } from "@x/layers/model";
import type { ImageModel } from "../image/pretrained-processor.ts";
import { hubActivation, imageSizeOf, numberOr, timmActivation, timmArguments } from "../image/timm-arguments.ts";
import { ratioOf, timmHubConfig } from "../image/timm-hub-config.ts";
import { viTChoices, type ViTConfig, viTDefaults } from "./config.ts";
import { type EncoderConfig, encoderDefaults } from "./encoder-config.ts";

/** The encoder of a checkpoint in timm's names. */
export function timmEncoderConfig(json: JsonObject, shapes: CheckpointShapes): EncoderConfig {
  const { args, architecture, imageSize } = timmArguments(json);
  const [hiddenSize = 0, numChannels = 3, patchSize = 16] = shapes.of("patch_embed.proj.weight");
  const inner = shapes.find("blocks.0.mlp.fc2.weight", "blocks.0.mlp.w3.weight")?.[1];
  const expected = imageSize === undefined ? undefined : patchCount(imageSize, patchSize);
  const numPatches = numPatchesOf(shapes, expected, args["no_embed_class"] === true);
  return {
    ...encoderDefaults,
    imageSize: numPatches === undefined ? (imageSize ?? encoderDefaults.imageSize) : imageSizeOf(numPatches, patchSize, imageSize),
    patchSize,
    numChannels,
    hiddenSize,
    numHiddenLayers: shapes.count("blocks.{i}.norm1.weight"),
    numAttentionHeads: numberOr(args["num_heads"], numHeadsOf(architecture, hiddenSize)),
    intermediateSize: inner ?? 4 * hiddenSize,
    hiddenAct: activationName(args["act_layer"], architecture),
    hiddenDropoutProb: numberOr(args["proj_drop_rate"], 0),
    attentionProbsDropoutProb: numberOr(args["attn_drop_rate"], 0),
    qkvBias: shapes.find("blocks.0.attn.qkv.bias") !== undefined,
    layerNormEps: numberOr(args["layer_norm_eps"], /_clip_/.test(architecture) ? 1e-5 : 1e-6),
    positionInterpolation: json["position_interpolation"] === "cubic" ? "cubic" : "cubicAntialias",
    initializerRange: numberOr(json["initializer_range"], encoderDefaults.initializerRange),
  };
}

/** @throws CheckpointError when it has parts that aren't here */
export function timmConfig(json: JsonObject, shapes: CheckpointShapes): ViTConfig {
  const { args, architecture } = timmArguments(json);
  checkParts(architecture, shapes);
  const encoder = timmEncoderConfig(json, shapes);
  const numLabels = shapes.find("head.weight")?.[0] ?? 0;
  const numRegisterTokens = shapes.find("reg_token", "register_tokens")?.[1] ?? 0;
  const numSpecialTokens = numRegisterTokens + (shapes.find("cls_token") ? 1 : 0) + (shapes.find("dist_token") ? 1 : 0);
  const [, numPositions] = shapes.find("pos_embed") ?? [];
  const placed = (numPositions ?? 0) - patchCount(encoder.imageSize, encoder.patchSize);
  const [inner = 0] = shapes.find("blocks.0.mlp.fc1.weight", "blocks.0.mlp.w12.weight") ?? [];
  const found = {
    ...encoder,
    id2label: labelsFrom(json["label_names"], numLabels),
    problemType: json["problem_type"] ?? null,
    numLabels,
    numRegisterTokens,
    layerscaleValue: shapes.find("blocks.0.ls1.gamma") ? numberOr(args["init_values"], 1e-5) : 0,
    useSwigluFfn: inner === 2 * encoder.intermediateSize,
    pooling: poolingOf(args, shapes),
    finalNorm: shapes.find("fc_norm.weight") ? "pooled" : shapes.find("norm.weight") ? "tokens" : "none",
    classToken: shapes.find("cls_token") !== undefined,
    positions: numPositions === undefined ? "none" : placed === numSpecialTokens ? "all" : placed === 0 ? "patches" : "class",
    preNorm: shapes.find("norm_pre.weight") !== undefined,
    branchNorm: architecture.includes("_rpn_") || json["branch_norm"] === true,
    distilled: shapes.find("dist_token") !== undefined,
    dropPathRate: numberOr(args["drop_path_rate"], 0),
  };
  return configFrom<ViTConfig>(viTDefaults, found, viTChoices);
}

/** How many of the positions are patches', so that they fill the image: as many as the image has, or those behind the special tokens, some of them, or all. */
function numPatchesOf(shapes: CheckpointShapes, expected: number | undefined, patchesOnly: boolean): number | undefined {
  const [, numPositions] = shapes.find("pos_embed") ?? [];
  if (numPositions === undefined) return undefined;
  const single = [shapes.find("cls_token"), shapes.find("dist_token")].filter((token) => token !== undefined).length;
  const [, registers = 0] = shapes.find("reg_token", "register_tokens") ?? [];
  const candidates = [...(patchesOnly ? [] : [single + registers]), 0, single].map((placed) => numPositions - placed);
  return candidates.find((count) => count === expected) ?? candidates.find((count) => Number.isInteger(Math.sqrt(count))) ?? candidates[0];
}

/** Heads have 64 channels, but for these widths. */
function numHeadsOf(architecture: string, hiddenSize: number): number {
  if (architecture.includes("giantopt")) return 16;
  return { 1152: 16, 1280: 16, 1408: 16, 1664: 16 }[hiddenSize] ?? hiddenSize / 64;
}

function activationName(given: Json | undefined, architecture: string): string {
  if (typeof given === "string") return hubActivation(given);
  if (architecture.includes("quickgelu")) return "quick_gelu";
  return /(base_patch32|giantopt_patch16|so400m_patch16)_siglip|large_patch16_siglip_(gap_)?512/.test(architecture)
    ? "gelu_pytorch_tanh"
    : "gelu";
}

/** By its entries, unless it is said. @throws CheckpointError when the head sees something else */
function poolingOf(args: JsonObject, shapes: CheckpointShapes): ViTConfig["pooling"] {
  if (shapes.find("attn_pool.latent")) return "latent";
  const movedNorm = args["fc_norm"] !== true && shapes.find("fc_norm.weight") !== undefined; // timm moves it for the mean
  const usual = shapes.find("cls_token") && !movedNorm ? "token" : "avg";
  const given = args["global_pool"] ?? usual;
  const pooling = ({ token: "cls", avg: "mean" } as const)[String(given)];
  if (pooling === undefined || (pooling === "cls" && !shapes.find("cls_token"))) {
    throw new CheckpointError(`global_pool is ${JSON.stringify(given)}, which can't be followed`, { expected: '"token", "avg" or "map"' });
  }
  return args["pooling"] === "clsMean" ? "clsMean" : pooling; // our own
}

/**
 * The `config.json` that timm reads back. What its constructor's arguments can't say, an architecture's name must; where none does, there is no name, and
 * settings of our own beside the arguments.
 */
export function timmViTHubConfig(model: ImageModel<ViTConfig>): JsonObject {
  const c = model.config;
  const isNamed = c.pooling !== "clsMean" && c.positions !== "class";
  const usualEps = isNamed && /_clip_/.test(architectureOf(c)) ? 1e-5 : 1e-6; // an architecture's name says it
  const own = {
    ...(c.layerNormEps === usualEps ? {} : { layer_norm_eps: c.layerNormEps }),
    ...(c.pooling === "clsMean" ? { pooling: c.pooling } : {}),
  };
  const config = timmHubConfig(
    model,
    Object.keys(own).length > 0 || c.positions === "class" ? undefined : architectureOf(c),
    c.hiddenSize,
    {
      patch_size: c.patchSize,
      embed_dim: c.hiddenSize,
      depth: c.numHiddenLayers,
      num_heads: c.numAttentionHeads,
      mlp_ratio: ratioOf((c.useSwigluFfn ? 2 : 1) * c.intermediateSize, c.hiddenSize),
      qkv_bias: c.qkvBias,
      init_values: c.layerscaleValue === 0 ? null : c.layerscaleValue,
      class_token: c.classToken,
      no_embed_class: c.positions !== "all",
      pos_embed: c.positions === "none" ? "none" : "learn",
      reg_tokens: c.numRegisterTokens,
      pre_norm: c.preNorm,
      final_norm: c.finalNorm !== "none",
      fc_norm: c.finalNorm === "pooled",
      global_pool: { cls: "token", mean: "avg", clsMean: "token", latent: "map" }[c.pooling],
      proj_drop_rate: c.hiddenDropoutProb,
      attn_drop_rate: c.attentionProbsDropoutProb,
      drop_path_rate: c.dropPathRate,
      ...(c.useSwigluFfn ? {} : { act_layer: timmActivation(c.hiddenAct) }),
    },
  );
  return { ...config, ...own, ...unknownToTimm(c) };
}

/** Settings that change nothing of what timm's model gives for images of its size, or that its architecture's name would say. */
function unknownToTimm({ positionInterpolation, branchNorm }: ViTConfig): JsonObject {
  return {
    ...(positionInterpolation === "cubic" ? { position_interpolation: positionInterpolation } : {}),
    ...(branchNorm ? { branch_norm: true } : {}),
  };
}

/** One that has this epsilon, block and MLP; all else is arguments'. */
function architectureOf({ layerNormEps, branchNorm, useSwigluFfn, distilled }: ViTConfig): string {
  if (distilled) return "deit_base_distilled_patch16_224";
  if (branchNorm) return "vit_base_patch16_rpn_224";
  if (useSwigluFfn) return "vit_giant_patch14_dinov2";
  return layerNormEps === 1e-5 ? "vit_base_patch16_clip_224" : "vit_base_patch16_224";
}

/** What a block and the stem are made of. */
const knownParts = [
  "blocks.{i}.norm1.*",
  "blocks.{i}.attn.qkv.*",
  "blocks.{i}.attn.proj.*",
  "blocks.{i}.ls1.gamma",
  "blocks.{i}.norm2.*",
  "blocks.{i}.mlp.fc1.*",
  "blocks.{i}.mlp.fc2.*",
  "blocks.{i}.mlp.w12.*",
  "blocks.{i}.mlp.w3.*",
  "blocks.{i}.ls2.gamma",
  "patch_embed.proj.*",
];

/** @throws CheckpointError */
function checkParts(architecture: string, shapes: CheckpointShapes): void {
  const strange = shapes.unlike(["blocks.*", "patch_embed.*", "*rel_pos*"], knownParts);
  const what = `${architecture || "this ViT"} has a part that isn't known here`;
  if (strange !== undefined)
    throw new CheckpointError(what, { expected: "blocks of attention, MLP, norms and LayerScale", found: strange });
  // Rotary positions have no entries of their own.
  if (/_rope_|_pe_|dinov3|lingbot|sapiens/.test(architecture)) throw new CheckpointError(what, { found: "rotary positions" });
}
