import {
  camelCaseKeys,
  CheckpointShapes,
  configFrom,
  type Family,
  type JsonObject,
  labelsFrom,
  type PretrainedFiles,
} from "@x/layers/model";
import { imageSizeOf, timmArguments } from "../image/timm-arguments.ts";
import { imageHead, type ImageModel, imageProcessorPart, openImageModel } from "../image/pretrained-processor.ts";
import { ratioOf, timmHubConfig } from "../image/timm-hub-config.ts";
import { timmKeys } from "../image/timm-keys.ts";
import { type MLPMixerConfig, mlpMixerDefaults } from "./config.ts";
import { mlpMixerNameOf } from "./presets.ts";
import { mlpMixerLayouts } from "./weights.ts";

/** MLP-Mixer as timm has it. */
export const mlpMixerFamily: Family<MLPMixerConfig, ImageModel<MLPMixerConfig>> = {
  open: openImageModel,
  keys: timmKeys("MLP-Mixer", {
    followed: ["img_size", "drop_path_rate", "hidden_act", "layer_norm_eps"],
    passedOver: { "the weights' shapes say it": ["num_blocks"], "it says how weights begin": ["nlhb"] },
    refused: {
      global_pool: { unless: ["avg"], because: "the head sees the mean of all tokens" },
      stem_norm: { unless: [false], because: "patches have no norm" },
      block_layer: { because: "other blocks aren't here" },
    },
  }),
  configFrom: mlpMixerConfigFrom,
  hubConfig: mlpMixerHubConfig,
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
  const { args, imageSize } = timmArguments(json);
  const { hiddenAct, layerNormEps, dropPathRate } = mlpMixerDefaults;
  const known = configFrom({ hiddenAct, layerNormEps, dropPathRate }, camelCaseKeys(args));
  return {
    ...mlpMixerDefaults,
    ...known,
    imageSize: imageSizeOf(numPatches, patchSize, imageSize),
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
 * The `config.json` that timm reads back. Its names fix width, depth and patches, so a model that isn't of a published size has none: `model_args` are then all the
 * arguments of its class, `timm.models.mlp_mixer.MlpMixer(**model_args)`. Another activation or epsilon than the paper's can't be told there.
 */
export function mlpMixerHubConfig(model: ImageModel<MLPMixerConfig>): JsonObject {
  const { patchSize, hiddenSize, numHiddenLayers, tokensMlpDim, channelsMlpDim, numLabels, ...c } = model.config;
  const own: JsonObject = {
    ...(c.hiddenAct === mlpMixerDefaults.hiddenAct ? {} : { hidden_act: c.hiddenAct }),
    ...(c.layerNormEps === mlpMixerDefaults.layerNormEps ? {} : { layer_norm_eps: c.layerNormEps }),
  };
  const name = Object.keys(own).length > 0 ? undefined : mlpMixerNameOf(model.config);
  const architecture = name && `${name.toLowerCase().replace("-", "_").replace("/", "")}_224`;
  const config = timmHubConfig(model, architecture, hiddenSize, {
    mlp_ratio: [ratioOf(tokensMlpDim, hiddenSize), ratioOf(channelsMlpDim, hiddenSize)],
    drop_path_rate: c.dropPathRate,
    ...(name ? {} : { patch_size: patchSize, num_blocks: numHiddenLayers, embed_dim: hiddenSize, num_classes: numLabels }),
  });
  return { ...config, ...own };
}
