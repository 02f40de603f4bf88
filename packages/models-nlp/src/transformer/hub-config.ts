import { camelCaseKeys, type Checkpoint, CheckpointError, configFrom, type JsonObject, snakeCaseKeys } from "@x/layers";
import { completeConfig, type TransformerConfig, transformerDefaults } from "./config.ts";

/**
 * A Transformer's config from `config.json`: our own keys, or torch.nn.Transformer's constructor arguments (`nhead`, `dim_feedforward`, `norm_first`…). How many
 * layers, how wide, what is shared, and whether there are final norms is read off the checkpoint's entries.
 * @throws CheckpointError when the checkpoint's names aren't torch.nn.Transformer's
 */
export function transformerConfigFrom(json: JsonObject, { entries, label }: Checkpoint): TransformerConfig {
  const type = json["model_type"];
  if (type !== undefined && type !== "transformer") {
    throw new CheckpointError("this is not a Transformer", { file: label, expected: "model_type transformer", found: String(type) });
  }
  const prefix = [...entries.keys()].some((key) => key.startsWith("transformer.")) ? "transformer." : "";
  const shapeOf = (key: string): readonly number[] | undefined => entries.get(key)?.shape;
  const [encoderFfnDim, dModel] = shapeOf(`${prefix}encoder.layers.0.linear1.weight`) ?? [];
  const [decoderFfnDim] = shapeOf(`${prefix}decoder.layers.0.linear1.weight`) ?? [];
  if (encoderFfnDim === undefined || dModel === undefined || decoderFfnDim === undefined) {
    const expected = "the entries encoder.layers.0.linear1.weight and decoder.layers.0.linear1.weight";
    throw new CheckpointError("this is not a Transformer", { file: label, expected });
  }
  const layers = (stack: string): number =>
    [...entries.keys()].filter((key) => key.startsWith(`${prefix}${stack}.layers.`) && key.endsWith(".linear1.weight")).length;
  const separate = shapeOf("decoder_embed_tokens.weight");
  const [vocabSize = 0] = shapeOf("shared.weight") ?? shapeOf("encoder_embed_tokens.weight") ?? [];
  const shapes = {
    dModel,
    encoderFfnDim,
    decoderFfnDim,
    encoderLayers: layers("encoder"),
    decoderLayers: layers("decoder"),
    addFinalLayerNorm: shapeOf(`${prefix}encoder.norm.weight`) !== undefined,
    vocabSize,
    decoderVocabSize: separate?.[0] ?? vocabSize,
    shareEncoderDecoderEmbeddings: separate === undefined,
    tieWordEmbeddings: shapeOf("lm_head.weight") === undefined,
  };
  return completeConfig(transformerDefaults, configFrom(transformerDefaults, { ...torchKeys(json), ...camelCaseKeys(json), ...shapes }));
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

/** The `config.json` that `transformerConfigFrom` reads back. */
export function transformerHubConfig(config: TransformerConfig): JsonObject {
  return snakeCaseKeys({ ...config, isEncoderDecoder: true, modelType: "transformer" });
}
