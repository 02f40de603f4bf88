export { type ViTConfig, viTDefaults } from "./vit/config.ts";
export { viTPreset } from "./vit/presets.ts";
export { ViT, viTBlock } from "./vit/vit.ts";
export { attentionMap, attentionRollout } from "./attention-rollout.ts";
export { decodeImage, type DecodeOptions, type ImageInput } from "./image/decode.ts";
export { ImageProcessor, type ImageProcessorConfig } from "./image/image-processor.ts";
export { ImageError, type RgbImage } from "./image/rgb-image.ts";
export { type Resample } from "./image/resample.ts";
export { resizeImage } from "./image/resize.ts";
