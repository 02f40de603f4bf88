export { CLIP, type CLIPOutput } from "./clip.ts";
export {
  type CLIPBagOfWordsConfig,
  type CLIPConfig,
  clipConfig,
  type CLIPResNetConfig,
  type CLIPTextConfig,
  type CLIPVisionConfig,
  type PartialCLIPConfig,
} from "./config.ts";
export { clipPreset } from "./presets.ts";
export {
  type PartialSigLIPConfig,
  type SigLIPConfig,
  sigLIPConfig,
  type SigLIPTextConfig,
  type SigLIPVisionConfig,
} from "./siglip/config.ts";
export { sigLIPPreset } from "./siglip/presets.ts";
export { SigLIP } from "./siglip/siglip.ts";
export { sigmoidLoss } from "./siglip/sigmoid-loss.ts";
export { SigLIPTextTower } from "./siglip/text-tower.ts";
export { sigLIPLayout } from "./siglip/weights.ts";
export { imageNetTemplates, sevenTemplates } from "./templates.ts";
export { BagOfWords } from "./text/bag-of-words.ts";
export { CLIPTextEncoder } from "./text/clip-text-encoder.ts";
export { TextTransformer } from "./text/text-transformer.ts";
export { type TextInputs, tokenize, type TokenizeOptions } from "./text/tokenize.ts";
export { AttentionPool } from "./vision/attention-pool.ts";
export { Bottleneck } from "./vision/bottleneck.ts";
export { ModifiedResNet } from "./vision/modified-resnet.ts";
export { VisionTransformer } from "./vision/vision-transformer.ts";
export { clipLayouts } from "./weights.ts";
export { cachedContrastiveLoss } from "./train/cached-loss.ts";
export { contrastiveLoss } from "./train/contrastive-loss.ts";
export { type ImageTextPairs, inChunks } from "./train/pairs.ts";
export { clipPseudocode, type PseudocodeInputs } from "./train/pseudocode.ts";
export { trainCLIP, type TrainCLIPOptions } from "./train/train-clip.ts";
export { zeroShot, ZeroShotClassifier, type ZeroShotOptions } from "./zero-shot.ts";
export { embedText, type EmbedTextOptions, Tokenizer, TokenizerError } from "@x/models-nlp";
export { type Classification, type ClassifyOptions, embedImage, ImageError, type ImageInput, ImageProcessor } from "@x/models-vision";
export {
  type BatchOptions,
  CheckpointError,
  init,
  intTensor,
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
