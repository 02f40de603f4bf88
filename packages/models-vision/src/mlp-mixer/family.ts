import { CheckpointShapes, type Family, type JsonObject, labelsFrom, openPretrained, type PretrainedFiles } from "@x/layers/model";
import type { ImageProcessorConfig } from "../image/image-processor.ts";
import { imageHead, type ImageModel, imageProcessorPart } from "../image/pretrained-processor.ts";
import { timmKeys } from "../image/timm-keys.ts";
import { type MLPMixerConfig, mlpMixerDefaults } from "./config.ts";
import { mlpMixerNameOf } from "./presets.ts";
import { mlpMixerLayouts } from "./weights.ts";

/** MLP-Mixer as timm has it. */
export const mlpMixerFamily: Family<MLPMixerConfig, ImageModel<MLPMixerConfig>> = {
  open: openPretrained,
  keys: timmKeys("MLP-Mixer", {
    passedOver: { "the weights' shapes say it": ["num_blocks"], "it says how weights begin": ["nlhb"] },
    refused: {
      global_pool: { unless: ["avg"], because: "the head sees the mean of all tokens" },
      stem_norm: { unless: [false], because: "patches have no norm" },
      block_layer: { because: "other blocks aren't here" },
    },
  }),
  configFrom: mlpMixerConfigFrom,
  hubConfig: ({ config, processor }) => mlpMixerHubConfig(config, processor.config),
  layouts: () => mlpMixerLayouts,
  head: imageHead,
  parts: [imageProcessorPart],
};

/** Every size is a shape in the checkpoint. The names of the classes are in timm's `config.json`. */
function mlpMixerConfigFrom({ config: json, checkpoint }: PretrainedFiles): MLPMixerConfig {
  const shapes = new CheckpointShapes(checkpoint, "an MLP-Mixer");
  const [hiddenSize = 0, numChannels = 3, patchSize = 16] = shapes.of("stem.proj.weight");
  const [tokensMlpDim = 0, numPatches = 0] = shapes.of("blocks.0.mlp_tokens.fc1.weight");
  const [channelsMlpDim = 0] = shapes.of("blocks.0.mlp_channels.fc1.weight");
  const [numLabels = 0] = shapes.find("head.weight") ?? [];
  return {
    ...mlpMixerDefaults,
    imageSize: patchSize * Math.round(Math.sqrt(numPatches)),
    patchSize,
    numChannels,
    hiddenSize,
    numHiddenLayers: shapes.count("blocks.{i}.norm1.weight"),
    tokensMlpDim,
    channelsMlpDim,
    id2label: labelsFrom(json["label_names"], numLabels),
    numLabels,
  };
}

/**
 * The `config.json` that timm reads back. Of models that aren't of a published size timm knows no name: theirs has the arguments of its class `MlpMixer`.
 */
export function mlpMixerHubConfig(config: MLPMixerConfig, processor: ImageProcessorConfig): JsonObject {
  const { imageSize, patchSize, numChannels, hiddenSize, numHiddenLayers, tokensMlpDim, channelsMlpDim, numLabels, id2label } = config;
  const { size, resample, cropSize, imageMean, imageStd } = processor;
  const share = size && "shortestEdge" in size ? cropShare(cropSize?.height ?? imageSize, size.shortestEdge) : undefined;
  const name = mlpMixerNameOf(config);
  return {
    ...(name ? { architecture: `${name.toLowerCase().replace("-", "_").replace("/", "")}_224` } : {}),
    num_classes: numLabels,
    num_features: hiddenSize,
    label_names: Object.values(id2label),
    model_args: {
      img_size: imageSize,
      in_chans: numChannels,
      mlp_ratio: [tokensMlpDim / hiddenSize, channelsMlpDim / hiddenSize],
      ...(name ? {} : { patch_size: patchSize, num_blocks: numHiddenLayers, embed_dim: hiddenSize, num_classes: numLabels }),
    },
    pretrained_cfg: {
      input_size: [numChannels, imageSize, imageSize],
      num_classes: numLabels,
      interpolation: resample,
      crop_pct: share ?? 1,
      crop_mode: share === undefined ? "squash" : "center",
      mean: imageMean ?? [0, 0, 0],
      std: imageStd ?? [1, 1, 1],
    },
  };
}

/** The `crop_pct` from which timm finds the edge again, as floor(cropSize / crop_pct); where rounding would lose a pixel, one a little smaller. */
function cropShare(cropSize: number, edge: number): number {
  const share = cropSize / edge;
  return Math.floor(cropSize / share) === edge ? share : cropSize / (edge + 0.5);
}
