/** A CLIP's settings as open_clip has them, for those that Hugging Face's library has no words for. */
import { CheckpointError } from "@x/layers";
import type { Json, JsonObject } from "@x/layers/model";
import type { Tokenizer } from "@x/models-nlp";
import type { ImageProcessor, ImageProcessorConfig } from "@x/models-vision";
import {
  type CLIPConfig,
  type CLIPTextConfig,
  clipTextDefaults,
  type CLIPTransformerConfig,
  type CLIPVisionConfig,
  LEGACY_EOS,
  textPoolingOf,
} from "../config.ts";
import { openClipTokenizerConfig } from "./tokenizer.ts";

/** What is saved of a model. */
interface Model {
  readonly config: CLIPConfig;
  readonly processor: ImageProcessor;
  readonly tokenizer: Tokenizer | undefined;
}

/** Whether Hugging Face's library has words for it, or no library has. */
export function isHuggingFaces({
  config: { textConfig: text, visionConfig: vision },
  tokenizer,
}: Pick<Model, "config" | "tokenizer">): boolean {
  if (text.modelType === "clip_bag_of_words") return true; // which is in no library
  if (tokenizer?.cleaning !== undefined) return false;
  const isUsualText = text.causal && text.pooling === undefined;
  return isUsualText && vision.modelType === "clip_vision_model" && vision.pooling === "token" && vision.normPre;
}

/** `open_clip_config.json`. @throws CheckpointError when open_clip has no words for a setting either */
export const openClipConfig = (model: Model): JsonObject => ({
  model_cfg: modelConfig(model),
  preprocess_cfg: preprocessConfig(model.processor.config),
});

function modelConfig({
  config: { textConfig: text, visionConfig: vision, projectionDim, logitScaleInitValue },
  tokenizer,
}: Model): JsonObject {
  if (text.modelType === "clip_bag_of_words") throw noWords("a bag of words");
  const activations = vision.modelType === "clip_vision_model" ? [text.hiddenAct, vision.hiddenAct] : [text.hiddenAct];
  const quick = activations.every((name) => name === "quick_gelu");
  if ((text.paddingId ?? 0) !== 0) throw noWords(`texts padded with ${text.paddingId}`);
  if (!quick && activations.includes("quick_gelu")) throw noWords("QuickGELU in one tower only");
  return {
    embed_dim: projectionDim,
    quick_gelu: quick,
    init_logit_scale: logitScaleInitValue,
    vision_cfg: vision.modelType === "clip_vision_model" ? viTConfig(vision) : resNetConfig(vision),
    text_cfg: {
      ...towerConfig(text),
      context_length: text.maxPositionEmbeddings,
      vocab_size: text.vocabSize,
      heads: text.numAttentionHeads,
      no_causal_mask: !text.causal,
      ...poolTypeOf(text),
      ...openClipTokenizerConfig({ tokenizer }, text.paddingId === undefined),
    },
  };
}

function viTConfig(vision: CLIPVisionConfig): JsonObject {
  if (vision.numChannels !== 3) throw noWords(`pictures of ${vision.numChannels} channels`);
  if (vision.imageSize % vision.patchSize !== 0) throw noWords("pictures that patches don't fill");
  return {
    ...towerConfig(vision),
    image_size: vision.imageSize,
    patch_size: vision.patchSize,
    head_width: vision.hiddenSize / vision.numAttentionHeads,
    no_ln_pre: !vision.normPre,
    pool_type: vision.pooling === "token" ? "tok" : "avg",
    final_ln_after_pool: vision.pooling === "mean",
  };
}

function resNetConfig({ imageSize, layers, width, numChannels }: Exclude<CLIPConfig["visionConfig"], CLIPVisionConfig>): JsonObject {
  if (numChannels !== 3) throw noWords(`pictures of ${numChannels} channels`);
  return { image_size: imageSize, layers, width, patch_size: null };
}

/** What both towers have. */
export function towerConfig(config: CLIPTransformerConfig): JsonObject {
  const { hiddenSize, intermediateSize, numHiddenLayers, hiddenAct, layerNormEps, attentionDropout } = config;
  if (attentionDropout !== 0) throw noWords("dropout of attention");
  if (numHiddenLayers === 0) throw noWords("a tower of no layers");
  if (!["gelu", "quick_gelu", "gelu_pytorch_tanh"].includes(hiddenAct)) throw noWords(`the activation ${hiddenAct}`);
  return {
    width: hiddenSize,
    layers: numHiddenLayers,
    mlp_ratio: intermediateSize / hiddenSize,
    ...(layerNormEps !== clipTextDefaults.layerNormEps && { norm_kwargs: { eps: layerNormEps } }),
    ...(hiddenAct === "gelu_pytorch_tanh" && { act_kwargs: { approximate: "tanh" } }),
  };
}

const poolTypeOf = (config: CLIPTextConfig): JsonObject => {
  const { eosTokenId } = config;
  const poolType = { greatest: "argmax", eos: "eos", first: "first", last: "last" }[textPoolingOf(config)];
  if (poolType !== "eos" && eosTokenId !== LEGACY_EOS) throw noWords(`the [EOS] id ${eosTokenId} beside the pooling "${poolType}"`);
  return { pool_type: poolType, ...(poolType === "eos" && { eos_id: eosTokenId }) };
};

/** How pictures come in. @throws CheckpointError when open_clip can't be told */
export function preprocessConfig({ size, cropSize, resample, imageMean, imageStd }: ImageProcessorConfig): JsonObject {
  if (resample !== "bilinear" && resample !== "bicubic") throw noWords(`pictures resampled by ${String(resample)}`);
  const isSquashed = cropSize === undefined && size !== undefined && "height" in size;
  const isShortest = cropSize !== undefined && size !== undefined && "shortestEdge" in size && size.shortestEdge === cropSize.height;
  if (!isSquashed && !isShortest) throw noWords("this way of bringing pictures to size");
  const list = (values: Json | readonly number[] | undefined): Json => (Array.isArray(values) ? [...(values as readonly number[])] : null);
  return {
    mode: "RGB",
    mean: list(imageMean),
    std: list(imageStd),
    interpolation: resample,
    resize_mode: isSquashed ? "squash" : "shortest",
  };
}

export const noWords = (setting: string): CheckpointError =>
  new CheckpointError(`neither Hugging Face's library nor open_clip has words for ${setting}`);
