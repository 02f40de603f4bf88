import {
  camelCaseKeys,
  type Checkpoint,
  CheckpointError,
  configFrom,
  type JsonObject,
  labelsFrom,
  labelTables,
  snakeCaseKeys,
} from "@x/layers";
import { type ViTConfig, viTDefaults } from "./config.ts";

/**
 * A ViT's config from what stands beside a checkpoint: Hugging Face's `config.json` (model_type `vit`, `vit_mae`, `deit`), timm's (an architecture's name
 * such as `vit_base_patch16_224`), or timm's constructor arguments. What a file leaves out is read off the checkpoint's shapes.
 * @throws CheckpointError when it is another model's
 */
export function viTConfigFrom(json: JsonObject, { entries, label }: Checkpoint): ViTConfig {
  const shapeOf = (...keys: string[]): readonly number[] | undefined =>
    keys.map((key) => entries.get(key)?.shape).find((shape) => shape !== undefined);
  const numLabels = shapeOf("classifier.weight", "cls_classifier.weight", "head.weight")?.[0] ?? 0;
  if (typeof json["model_type"] === "string") {
    const type = json["model_type"];
    if (!["vit", "deit", "vit_mae"].includes(type)) {
      throw new CheckpointError("this is not a ViT", { file: label, expected: "model_type vit, deit or vit_mae", found: type });
    }
    const distilled = shapeOf("deit.embeddings.distillation_token", "embeddings.distillation_token") !== undefined;
    const known = { ...camelCaseKeys(json), id2label: labelsFrom(json["id2label"], numLabels), numLabels, distilled };
    return configFrom<ViTConfig>(viTDefaults, known);
  }
  const patches = shapeOf("patch_embed.proj.weight");
  const positions = shapeOf("pos_embed");
  if (!patches || !positions)
    throw new CheckpointError("this is not a ViT", { file: label, expected: "the entries patch_embed.proj.weight and pos_embed" });
  const [hiddenSize = 0, numChannels = 3, patchSize = 16] = patches;
  const distilled = shapeOf("dist_token") !== undefined;
  const numHiddenLayers = [...entries.keys()].filter((key) => /^blocks\.\d+\.norm1\.weight$/.test(key)).length;
  return {
    ...viTDefaults,
    imageSize: patchSize * Math.round(Math.sqrt((positions[1] ?? 1) - (distilled ? 2 : 1))),
    patchSize,
    numChannels,
    hiddenSize,
    numHiddenLayers,
    numAttentionHeads: numHeadsOf(json, hiddenSize),
    intermediateSize: shapeOf("blocks.0.mlp.fc1.weight")?.[0] ?? 4 * hiddenSize,
    qkvBias: shapeOf("blocks.0.attn.qkv.bias") !== undefined,
    layerNormEps: 1e-6,
    id2label: labelsFrom(json["label_names"], numLabels),
    numLabels,
    distilled,
    pooling: shapeOf("fc_norm.weight") ? "mean" : "cls",
    positionInterpolation: "cubicAntialias",
  };
}

/** timm's architectures have heads of 64 channels, but for huge (80) and giant (88, with 1408 channels). */
function numHeadsOf(json: JsonObject, hiddenSize: number): number {
  const given = json["num_heads"];
  return typeof given === "number" ? given : ({ 1280: 16, 1408: 16 }[hiddenSize] ?? hiddenSize / 64);
}

/** The `config.json` that Hugging Face's library reads back; what it doesn't know (`pooling`, `drop_path_rate`…) it passes over. */
export function viTHubConfig(config: ViTConfig): JsonObject {
  const { numLabels, distilled, id2label, ...shared } = config;
  const architecture = `${distilled ? "DeiT" : "ViT"}${numLabels === 0 ? "Model" : distilled ? "ForImageClassificationWithTeacher" : "ForImageClassification"}`;
  return snakeCaseKeys({ ...shared, ...labelTables(id2label), architectures: [architecture], modelType: distilled ? "deit" : "vit" });
}
