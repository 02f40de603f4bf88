import { camelCaseKeys, type Checkpoint, CheckpointError, configFrom, type JsonObject, snakeCaseKeys } from "@x/layers";
import { viTConfigFrom } from "../vit/hub-config.ts";
import { type MAEConfig, maeDefaults } from "./config.ts";

/**
 * A masked autoencoder's config from what stands beside a checkpoint: Hugging Face's `config.json`, or facebookresearch's constructor arguments.
 * What is left out is read off the checkpoint's shapes.
 * @throws CheckpointError when it is another model's, or an encoder without its decoder: that is a ViT
 */
export function maeConfigFrom(json: JsonObject, checkpoint: Checkpoint): MAEConfig {
  const { entries, label } = checkpoint;
  const type = json["model_type"];
  if (typeof type === "string") {
    if (type !== "vit_mae")
      throw new CheckpointError("this is not a masked autoencoder", { file: label, expected: "model_type vit_mae", found: type });
    return configFrom<MAEConfig>(maeDefaults, { ...camelCaseKeys(json), positionInterpolation: "cubic" });
  }
  const [decoderHiddenSize] = entries.get("decoder_embed.weight")?.shape ?? [];
  if (decoderHiddenSize === undefined) {
    throw new CheckpointError("this is not a masked autoencoder; load an encoder alone as a ViT", {
      file: label,
      expected: "the entry decoder_embed.weight",
    });
  }
  const encoder = viTConfigFrom(json, checkpoint);
  const given = configFrom(
    { decoderNumHeads: 16, maskRatio: maeDefaults.maskRatio, normPixLoss: maeDefaults.normPixLoss },
    camelCaseKeys(json),
  );
  const {
    distilled: _distilled,
    dropPathRate: _dropPathRate,
    numLabels: _numLabels,
    pooling: _pooling,
    id2label: _id2label,
    ...shared
  } = encoder;
  return {
    ...shared,
    positionInterpolation: "cubic",
    decoderHiddenSize,
    decoderNumHiddenLayers: [...entries.keys()].filter((key) => /^decoder_blocks\.\d+\.norm1\.weight$/.test(key)).length,
    decoderNumAttentionHeads: given.decoderNumHeads,
    decoderIntermediateSize: entries.get("decoder_blocks.0.mlp.fc1.weight")?.shape[0] ?? 4 * decoderHiddenSize,
    maskRatio: given.maskRatio,
    normPixLoss: given.normPixLoss,
  };
}

/** The `config.json` that Hugging Face's library reads back. */
export function maeHubConfig(config: MAEConfig): JsonObject {
  const { positionInterpolation: _positionInterpolation, ...shared } = config;
  return snakeCaseKeys({ ...shared, architectures: ["ViTMAEForPreTraining"], modelType: "vit_mae" });
}
