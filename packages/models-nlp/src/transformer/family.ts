import {
  camelCaseKeys,
  checkModelType,
  CheckpointShapes,
  configFrom,
  type Family,
  hubKeys,
  type JsonObject,
  openPretrained,
  type PretrainedFiles,
  snakeCaseKeys,
} from "@x/layers/model";
import type { GenerationDefaults } from "../generation/decoding.ts";
import { generationKeys } from "../generation/generation-keys.ts";
import { generationPart } from "../generation/pretrained-generation.ts";
import { translationTokenizersPart } from "../tokenizer/pretrained-tokenizer.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { completeConfig, type TransformerConfig, transformerDefaults } from "./config.ts";
import { encoderDecoderLayout, transformerLayouts } from "./weights.ts";

/** torch.nn.Transformer by itself. */
export const encoderDecoderFamily: Family<TransformerConfig, { readonly config: TransformerConfig }> = {
  open: openPretrained,
  keys: hubKeys("a Transformer", transformerDefaults, {
    followed: ["is_encoder_decoder", "nhead", "activation", "act", "norm_first", "norm", "ln_eps"],
    passedOver: {
      "the weights' shapes say it": ["d_model", "dim_feedforward", "ff", "num_encoder_layers", "num_decoder_layers", "layers"],
      "`generation_config.json`'s table has them, for where there is no such file": generationKeys.followed.concat(
        Object.keys(generationKeys.refused ?? {}),
      ),
      "texts lie row by row here": ["batch_first"],
    },
    refused: {
      bias: { unless: [true], because: "all layers have biases" },
      custom_encoder: { because: "only PyTorch's own layers are here" },
      custom_decoder: { because: "only PyTorch's own layers are here" },
    },
  }),
  configFrom: transformerConfigFrom,
  hubConfig: ({ config }) => snakeCaseKeys({ ...config, isEncoderDecoder: true, modelType: "transformer" }),
  layouts: () => [encoderDecoderLayout],
};

/** What saving needs of a model that translates. */
export interface TranslationModel<Config> {
  readonly config: Config;
  generation: GenerationDefaults;
  tokenizer: Tokenizer | undefined;
  targetTokenizer: Tokenizer | undefined;
}

/** torch.nn.Transformer in a module with embeddings and an output layer. */
export const transformerFamily: Family<TransformerConfig, TranslationModel<TransformerConfig>> = {
  ...encoderDecoderFamily,
  layouts: ({ shareEncoderDecoderEmbeddings }) => [transformerLayouts[shareEncoderDecoderEmbeddings ? 0 : 1]],
  parts: [translationTokenizersPart, generationPart],
};

/**
 * From our own keys, or torch.nn.Transformer's constructor arguments (`nhead`, `dim_feedforward`, `norm_first`…). How many layers, how wide, what is shared,
 * and whether there are final norms is read off the checkpoint's entries.
 */
function transformerConfigFrom({ config: json, checkpoint }: PretrainedFiles): TransformerConfig {
  checkModelType("a Transformer", json["model_type"] ?? "transformer", ["transformer"], checkpoint.label);
  const shapes = new CheckpointShapes(checkpoint, "a Transformer");
  const prefix = shapes.count("transformer.*") > 0 ? "transformer." : "";
  const [encoderFfnDim = 0, dModel = 0] = shapes.of(`${prefix}encoder.layers.0.linear1.weight`);
  const [decoderFfnDim = 0] = shapes.of(`${prefix}decoder.layers.0.linear1.weight`);
  const [vocabSize = 0] = shapes.find("shared.weight", "encoder_embed_tokens.weight") ?? [];
  const [decoderVocabSize] = shapes.find("decoder_embed_tokens.weight") ?? [];
  const found = {
    dModel,
    encoderFfnDim,
    decoderFfnDim,
    encoderLayers: shapes.count(`${prefix}encoder.layers.{i}.linear1.weight`),
    decoderLayers: shapes.count(`${prefix}decoder.layers.{i}.linear1.weight`),
    addFinalLayerNorm: shapes.find(`${prefix}encoder.norm.weight`) !== undefined,
    vocabSize,
    decoderVocabSize: decoderVocabSize ?? vocabSize,
    shareEncoderDecoderEmbeddings: decoderVocabSize === undefined,
    tieWordEmbeddings: shapes.find("lm_head.weight") === undefined,
  };
  return completeConfig(transformerDefaults, configFrom(transformerDefaults, { ...torchKeys(json), ...camelCaseKeys(json), ...found }));
}

/** torch.nn.Transformer's arguments under our names. */
function torchKeys(json: JsonObject): JsonObject {
  if (json["nhead"] === undefined) return {};
  return {
    encoderAttentionHeads: json["nhead"],
    decoderAttentionHeads: json["nhead"],
    activationFunction: json["activation"] ?? json["act"] ?? "relu",
    normalizeBefore: json["norm_first"] ?? json["norm"] === "pre",
    layerNormEps: json["layer_norm_eps"] ?? json["ln_eps"] ?? 1e-5,
  };
}
