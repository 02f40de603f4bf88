import {
  camelCaseKeys,
  type Checkpoint,
  CheckpointError,
  configFrom,
  isJsonObject,
  type JsonObject,
  labelsFrom,
  labelTables,
  snakeCaseKeys,
} from "@x/layers";
import { type SwinConfig, swinDefaults } from "./config.ts";

/**
 * A Swin's config from what stands beside a checkpoint: Hugging Face's `config.json`, timm's, or timm's or Microsoft's constructor arguments.
 * What a file leaves out is read off the checkpoint's shapes.
 * @throws CheckpointError when it is another model's
 */
export function swinConfigFrom(json: JsonObject, { entries, label }: Checkpoint): SwinConfig {
  const shapeOf = (key: string): readonly number[] | undefined => entries.get(key)?.shape;
  const numLabels = (shapeOf("classifier.weight") ?? shapeOf("head.fc.weight") ?? shapeOf("head.weight"))?.[0] ?? 0;
  if (typeof json["model_type"] === "string") {
    if (json["model_type"] !== "swin")
      throw new CheckpointError("this is not a Swin", { file: label, expected: "model_type swin", found: json["model_type"] });
    const known = { ...camelCaseKeys(json), id2label: labelsFrom(json["id2label"], numLabels), numLabels };
    const defaults = { ...swinDefaults, ...(Array.isArray(json["window_size"]) ? { windowSize: [] } : {}) };
    return configFrom<SwinConfig>(defaults, known);
  }
  const patches = shapeOf("patch_embed.proj.weight");
  const tables = [...entries].flatMap(([key, { shape }]) => {
    const [, stage] = /^layers\.(\d+)\.blocks\.\d+\.attn\.relative_position_bias_table$/.exec(key) ?? [];
    return stage === undefined ? [] : [{ stage: Number(stage), rows: shape[0] ?? 1, heads: shape[1] ?? 1 }];
  });
  if (!patches || tables.length === 0) {
    throw new CheckpointError("this is not a Swin", {
      file: label,
      expected: "patch_embed.proj.weight and relative_position_bias_table of each block",
    });
  }
  const [embedDim = 0, numChannels = 3, patchSize = 4] = patches;
  const stages = Array.from({ length: 1 + Math.max(...tables.map(({ stage }) => stage)) }, (_, s) =>
    tables.filter(({ stage }) => stage === s),
  );
  const windows = stages.map(([first]) => (Math.sqrt(first?.rows ?? 1) + 1) / 2);
  const positions = shapeOf("absolute_pos_embed");
  return {
    ...swinDefaults,
    imageSize: positions ? patchSize * Math.sqrt(positions[1] ?? 0) : (imageSizeOf(json) ?? swinDefaults.imageSize),
    patchSize,
    numChannels,
    embedDim,
    depths: stages.map((blocks) => blocks.length),
    numHeads: stages.map(([first]) => first?.heads ?? 1),
    windowSize: windows.every((window) => window === windows[0]) ? (windows[0] ?? 1) : windows,
    mlpRatio: (shapeOf("layers.0.blocks.0.mlp.fc1.weight")?.[0] ?? 0) / embedDim,
    qkvBias: shapeOf("layers.0.blocks.0.attn.qkv.bias") !== undefined,
    useAbsoluteEmbeddings: positions !== undefined,
    id2label: labelsFrom(json["label_names"], numLabels),
    numLabels,
    windowing: "timm",
  };
}

/** From the constructor's arguments, or from timm's `pretrained_cfg.input_size` (channels, height, width). */
function imageSizeOf(json: JsonObject): number | undefined {
  const settings = json["pretrained_cfg"];
  const inputSize = isJsonObject(settings) ? settings["input_size"] : undefined;
  const given = json["img_size"] ?? inputSize;
  const side = Array.isArray(given) ? given.at(-1) : given;
  return typeof side === "number" ? side : undefined;
}

/** The `config.json` that Hugging Face's library reads back; of `windowing` it knows nothing. */
export function swinHubConfig(config: SwinConfig): JsonObject {
  const { numLabels, id2label, ...shared } = config;
  const architecture = numLabels === 0 ? "SwinModel" : "SwinForImageClassification";
  return snakeCaseKeys({ ...shared, ...labelTables(id2label), architectures: [architecture], modelType: "swin" });
}
