import { type Checkpoint, CheckpointError, type JsonObject, labelsFrom } from "@x/layers";
import type { ImageProcessorConfig } from "../image/image-processor.ts";
import { type MLPMixerConfig, mlpMixerDefaults } from "./config.ts";
import { mlpMixerNameOf } from "./presets.ts";

/**
 * A Mixer's config from a checkpoint: every size is a shape in it. `json` is timm's `config.json` or its constructor arguments.
 * @throws CheckpointError when the checkpoint is another model's
 */
export function mlpMixerConfigFrom(json: JsonObject, { entries, label }: Checkpoint): MLPMixerConfig {
  const patches = entries.get("stem.proj.weight")?.shape;
  const tokens = entries.get("blocks.0.mlp_tokens.fc1.weight")?.shape;
  const channels = entries.get("blocks.0.mlp_channels.fc1.weight")?.shape;
  if (!patches || !tokens || !channels) {
    throw new CheckpointError("this is not an MLP-Mixer", {
      file: label,
      expected: "the entries stem.proj.weight and blocks.0.mlp_tokens.fc1.weight",
    });
  }
  const [hiddenSize = 0, numChannels = 3, patchSize = 16] = patches;
  const [tokensMlpDim = 0, numPatches = 0] = tokens;
  const [numLabels = 0] = entries.get("head.weight")?.shape ?? [];
  return {
    ...mlpMixerDefaults,
    imageSize: patchSize * Math.round(Math.sqrt(numPatches)),
    patchSize,
    numChannels,
    hiddenSize,
    numHiddenLayers: [...entries.keys()].filter((key) => /^blocks\.\d+\.norm1\.weight$/.test(key)).length,
    tokensMlpDim,
    channelsMlpDim: channels[0] ?? 0,
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
