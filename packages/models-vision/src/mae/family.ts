import { CheckpointError } from "@x/layers";
import {
  camelCaseKeys,
  checkModelType,
  CheckpointShapes,
  configFrom,
  type Family,
  type JsonObject,
  openPretrained,
  type PretrainedFiles,
  snakeCaseKeys,
} from "@x/layers/model";
import { type ImageModel, imageProcessorPart } from "../image/pretrained-processor.ts";
import { maeChoices, type MAEConfig, maeDefaults } from "./config.ts";
import { maeKeys } from "./keys.ts";
import { maeAdapterLayouts, maeLayouts } from "./weights.ts";

/** Masked autoencoders as Hugging Face's library and facebookresearch have them. */
export const maeFamily: Family<MAEConfig, ImageModel<MAEConfig>> = {
  open: openPretrained,
  keys: maeKeys,
  configFrom: maeConfigFrom,
  hubConfig: ({ config }) => maeHubConfig(config),
  layouts: () => maeLayouts,
  adapterLayouts: () => maeAdapterLayouts,
  parts: [imageProcessorPart],
};

/**
 * From Hugging Face's `config.json`, or facebookresearch's constructor arguments, of which what is left out is read off the checkpoint's shapes. An encoder
 * without its decoder is refused: that is a ViT.
 */
async function maeConfigFrom({ config: json, checkpoint }: PretrainedFiles): Promise<MAEConfig> {
  if (json["model_type"] !== undefined) {
    checkModelType("a masked autoencoder", json["model_type"], ["vit_mae"], checkpoint.label);
    return configFrom<MAEConfig>(maeDefaults, camelCaseKeys(json), maeChoices);
  }
  const shapes = new CheckpointShapes(checkpoint, "a masked autoencoder");
  const [decoderHiddenSize] = shapes.find("decoder_embed.weight") ?? [];
  if (decoderHiddenSize === undefined) {
    const problem = "this is not a masked autoencoder; load an encoder alone as a ViT";
    throw new CheckpointError(problem, { file: checkpoint.label, expected: "the entry decoder_embed.weight" });
  }
  const { timmEncoderConfig } = await import("../vit/timm.ts");
  const { maskRatio, normPixLoss } = maeDefaults;
  const { decoderNumHeads, ...given } = configFrom({ decoderNumHeads: 16, maskRatio, normPixLoss }, camelCaseKeys(json));
  const whole = {
    ...timmEncoderConfig(json, shapes),
    positionInterpolation: "cubic",
    decoderHiddenSize,
    decoderNumHiddenLayers: shapes.count("decoder_blocks.{i}.norm1.weight"),
    decoderNumAttentionHeads: decoderNumHeads,
    decoderIntermediateSize: shapes.find("decoder_blocks.0.mlp.fc1.weight")?.[0] ?? 4 * decoderHiddenSize,
    ...given,
  };
  return configFrom<MAEConfig>(maeDefaults, whole, maeChoices);
}

/** Of `position_interpolation` Hugging Face's library knows nothing. */
function maeHubConfig(config: MAEConfig): JsonObject {
  return snakeCaseKeys({ ...config, architectures: ["ViTMAEForPreTraining"], modelType: "vit_mae" });
}
