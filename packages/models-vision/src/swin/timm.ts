/** Swin and Swin V2 as timm has them, and Microsoft, whose files it reads: what both versions have alike. */
import { camelCaseKeys, type CheckpointShapes, type JsonObject, labelsFrom } from "@x/layers/model";
import type { ImageModel } from "../image/pretrained-processor.ts";
import { numberOr, timmArguments, type TimmArguments } from "../image/timm-arguments.ts";
import { timmHubConfig } from "../image/timm-hub-config.ts";
import { type SwinConfig, swinDefaults } from "./config.ts";

export interface TimmSwin extends TimmArguments {
  /** The settings that both versions read alike, from the arguments or off the checkpoint's shapes. */
  readonly settings: { readonly embedDim: number; readonly patchSize: number; readonly [name: string]: unknown };
  /** The shape of the entry in each stage's first block. */
  readonly stages: readonly (readonly number[])[];
}

/** The classes that a checkpoint's head tells apart, whoever named it; 0 without one. */
export const swinLabels = (shapes: CheckpointShapes): number => shapes.find("classifier.weight", "head.fc.weight", "head.weight")?.[0] ?? 0;

/** @param entry of a block's attention, by which stages and blocks are counted @throws CheckpointError when it isn't there */
export function readTimmSwin(json: JsonObject, shapes: CheckpointShapes, entry: string): TimmSwin {
  const found = timmArguments(json);
  const [embedDim = 0, numChannels = 3, patchSize = 4] = shapes.of("patch_embed.proj.weight");
  const stages: (readonly number[])[] = [];
  const first = (stage: number): string => `layers.${stage}.blocks.0.attn.${entry}`;
  do stages.push(shapes.of(first(stages.length)));
  while (shapes.find(first(stages.length)));
  const numLabels = swinLabels(shapes);
  const settings = {
    ...camelCaseKeys(found.args), // settings of our own, and:
    hiddenDropoutProb: numberOr(found.args["proj_drop_rate"], 0),
    attentionProbsDropoutProb: numberOr(found.args["attn_drop_rate"], 0),
    patchSize,
    numChannels,
    embedDim,
    depths: stages.map((_, stage) => shapes.count(`layers.${stage}.blocks.{b}.attn.${entry}`)),
    mlpRatio: (shapes.find("layers.0.blocks.0.mlp.fc1.weight")?.[0] ?? 0) / embedDim,
    id2label: labelsFrom(json["label_names"], numLabels),
    numLabels,
    windowing: "timm",
  };
  return { ...found, settings, stages };
}

/**
 * The `config.json` that timm reads back.
 * @param architecture one of timm's, whose sizes the arguments replace
 * @param args of this version alone @param own settings of which no argument says anything: timm has no name for a model with such
 */
export function timmSwinConfig(model: ImageModel<SwinConfig>, architecture: string, args: JsonObject, own: JsonObject): JsonObject {
  const c = model.config;
  const unsaid: JsonObject = { ...own, ...(c.layerNormEps !== swinDefaults.layerNormEps && { layer_norm_eps: c.layerNormEps }) };
  const name = Object.keys(unsaid).length > 0 ? undefined : architecture;
  const config = timmHubConfig(model, name, c.embedDim * 2 ** (c.depths.length - 1), {
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
    ...args,
  });
  return { ...config, ...unsaid };
}
