import { firstOf, joined, type Rule, type WeightLayout } from "@x/layers/model";
import type { MarianConfig } from "./config.ts";

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
  finalLogitsBias: "final_logits_bias",
};

const [shared, encoder, decoder, output] = [
  "model.shared.weight",
  "model.encoder.embed_tokens.weight",
  "model.decoder.embed_tokens.weight",
  "lm_head.weight",
] as const;

/**
 * Hugging Face's names. Tied copies of the embeddings and the positions, which are computed, are in some files (`pytorch_model.bin`) and not in others.
 * @param own lines for the tables of embeddings, and what files may have besides
 */
const huggingFace = (name: string, own: Readonly<Record<string, Rule>>, copies: readonly string[]): WeightLayout => ({
  name,
  basePrefix: "model.",
  table: { ...own, ...stacks },
  optional: ["finalLogitsBias"],
  ignore: ["model.*.embed_positions.weight", ...copies],
});

/** One table for encoder, decoder and output layer. */
const oneTable: WeightLayout = huggingFace(
  "Hugging Face Marian",
  { "encoderEmbedding.weight": firstOf(shared, encoder, decoder, output) },
  [encoder, decoder, output],
);

/** A table for the encoder, and one for the decoder and the output layer: two vocabularies. */
const twoTables: WeightLayout = huggingFace(
  "Hugging Face Marian, two vocabularies",
  { "encoderEmbedding.weight": encoder, "decoderEmbedding.weight": firstOf(decoder, output) },
  [shared, output],
);

/** A table for each. Where files lack one, it is the shared one. */
const threeTables: WeightLayout = huggingFace(
  "Hugging Face Marian, untied",
  {
    "encoderEmbedding.weight": firstOf(encoder, shared),
    "decoderEmbedding.weight": firstOf(decoder, shared),
    "lmHead.weight": firstOf(output, shared),
  },
  [shared],
);

export const marianLayouts: readonly [oneVocabulary: WeightLayout, twoVocabularies: WeightLayout, untied: WeightLayout] = [
  oneTable,
  twoTables,
  threeTables,
];

/** A model's names, by what of it is one table. */
export function marianLayout({
  shareEncoderDecoderEmbeddings,
  tieWordEmbeddings,
}: Pick<MarianConfig, "shareEncoderDecoderEmbeddings" | "tieWordEmbeddings">): WeightLayout {
  if (!tieWordEmbeddings) return threeTables;
  return shareEncoderDecoderEmbeddings ? oneTable : twoTables;
}

/** Entries that are one where the output layer is tied. */
export const marianTies: readonly (readonly [name: string, other: string])[] = [
  [shared, output],
  [decoder, output],
  [shared, encoder],
  [shared, decoder],
];
