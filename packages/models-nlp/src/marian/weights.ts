import { firstOf, joined, type Rule, type WeightLayout } from "@x/layers/model";

function attention(path: string, key: string): Readonly<Record<string, Rule>> {
  return {
    [`${path}.qkv.*`]: joined(`${key}.q_proj.*`, `${key}.k_proj.*`, `${key}.v_proj.*`),
    [`${path}.query.*`]: `${key}.q_proj.*`,
    [`${path}.keyValue.*`]: joined(`${key}.k_proj.*`, `${key}.v_proj.*`),
    [`${path}.proj.*`]: `${key}.out_proj.*`,
  };
}

const stacks: Readonly<Record<string, Rule>> = {
  ...attention("encoder.blocks.{i}.mixer", "model.encoder.layers.{i}.self_attn"),
  "encoder.blocks.{i}.norm1.*": "model.encoder.layers.{i}.self_attn_layer_norm.*",
  "encoder.blocks.{i}.mlp.*": "model.encoder.layers.{i}.*",
  "encoder.blocks.{i}.norm2.*": "model.encoder.layers.{i}.final_layer_norm.*",
  ...attention("decoder.blocks.{i}.selfAttention", "model.decoder.layers.{i}.self_attn"),
  "decoder.blocks.{i}.norm1.*": "model.decoder.layers.{i}.self_attn_layer_norm.*",
  ...attention("decoder.blocks.{i}.crossAttention", "model.decoder.layers.{i}.encoder_attn"),
  "decoder.blocks.{i}.norm2.*": "model.decoder.layers.{i}.encoder_attn_layer_norm.*",
  "decoder.blocks.{i}.mlp.*": "model.decoder.layers.{i}.*",
  "decoder.blocks.{i}.norm3.*": "model.decoder.layers.{i}.final_layer_norm.*",
  "lmHead.weight": "lm_head.weight",
  finalLogitsBias: "final_logits_bias",
};

/** Hugging Face's names. Tied copies of the embeddings and the positions, which are computed, are in some files (`pytorch_model.bin`) and not in others. */
const huggingFace = (name: string, embeddings: Readonly<Record<string, Rule>>): WeightLayout => ({
  name,
  basePrefix: "model.",
  table: { ...embeddings, ...stacks },
  optional: ["finalLogitsBias"],
  ignore: ["model.*.embed_positions.weight", "model.*.embed_tokens.weight", "lm_head.weight"],
});

export const marianLayouts: readonly [oneVocabulary: WeightLayout, twoVocabularies: WeightLayout] = [
  huggingFace("Hugging Face Marian", {
    "encoderEmbedding.weight": firstOf("model.shared.weight", "model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight"),
  }),
  huggingFace("Hugging Face Marian, two vocabularies", {
    "encoderEmbedding.weight": "model.encoder.embed_tokens.weight",
    "decoderEmbedding.weight": firstOf("model.decoder.embed_tokens.weight", "lm_head.weight"),
  }),
];
