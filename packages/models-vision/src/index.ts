export { type ViTConfig, viTDefaults } from "./vit/config.ts";
export type { EncoderConfig } from "./vit/encoder-config.ts";
export { dinoV2Preset, viTPreset } from "./vit/presets.ts";
export { ViT } from "./vit/vit.ts";
export { timmEncoderConfig } from "./vit/timm.ts";
export { type ViTLayoutName, viTLayouts } from "./vit/weights.ts";
export { attentionMap, attentionRollout } from "./tasks/attention-rollout.ts";
export { decodeImage, type DecodeImageOptions } from "./image/decode.ts";
export { encodePng } from "./image/encode-png.ts";
export { type ImageInput, type PixelData } from "./image/input.ts";
export { readImageProcessor } from "./image/pretrained-processor.ts";
export { ImageProcessor, type ImageProcessorConfig } from "./image/image-processor.ts";
export { type ColorJitter } from "./image/augment/color-jitter.ts";
export { type RandomCropOptions } from "./image/augment/random-crop.ts";
export { TrainingProcessor, type TrainingProcessorOptions } from "./image/augment/training-processor.ts";
export { toImages } from "./image/to-images.ts";
export { ImageError, type RgbImage } from "./image/rgb-image.ts";
export { type Resample } from "./image/resample.ts";
export { resizeImage } from "./image/resize.ts";
export { type Classification, classify, type ClassifyOptions, type ImageClassifier } from "./tasks/classify.ts";
export { embedImage, type EmbedImageOptions, type ImageEmbedder } from "./tasks/embed-image.ts";
export { type MLPMixerConfig, mlpMixerDefaults } from "./mlp-mixer/config.ts";
export { MLPMixer } from "./mlp-mixer/mlp-mixer.ts";
export { mlpMixerPreset } from "./mlp-mixer/presets.ts";
export { mlpMixerLayouts } from "./mlp-mixer/weights.ts";
export { type SwinConfig, swinDefaults, type Windowing } from "./swin/config.ts";
export { swinPreset } from "./swin/presets.ts";
export { relativePositionIndex } from "./swin/relative-position.ts";
export { shiftMask } from "./swin/shift-mask.ts";
export { type TokenMap } from "./swin/stage.ts";
export { Swin } from "./swin/swin.ts";
export { swinLayouts } from "./swin/weights.ts";
export { type SwinV2Config, swinV2Defaults } from "./swin-v2/config.ts";
export { swinV2Preset } from "./swin-v2/presets.ts";
export { SwinV2 } from "./swin-v2/swin-v2.ts";
export { swinV2Layouts } from "./swin-v2/weights.ts";
export { type Size, type WindowGrid, windowGrid, windowTokens } from "./swin/windows.ts";
export { type MAEConfig, maeDefaults } from "./mae/config.ts";
export { LinearProbe } from "./mae/linear-probe.ts";
export { MAE, type MAEOutput } from "./mae/mae.ts";
export { type MaskConvention, type RandomMask, randomMasking } from "./mae/random-masking.ts";
export { heatMap } from "./tasks/heat-map.ts";
export { reconstruct, type Reconstruction } from "./tasks/reconstruct.ts";
export { sinCosPositions } from "./mae/sincos-positions.ts";
export { maePreset } from "./mae/presets.ts";
export { maeLayouts } from "./mae/weights.ts";
export { type ViTCost, viTCost } from "./vit/cost.ts";
export { maeCost, type MAECost } from "./mae/cost.ts";
export { mlpMixerCost, type MLPMixerCost } from "./mlp-mixer/cost.ts";
export { swinCost, type SwinCost } from "./swin/cost.ts";
export {
  type BatchOptions,
  CheckpointError,
  init,
  intTensor,
  layerDecayGroups,
  liveBytes,
  noGrad,
  OutOfMemoryError,
  type Ranked,
  Rng,
  scope,
  ShapeError,
  tensor,
  type Tensor,
  TensorError,
  Trace,
  XError,
} from "@x/layers";
