import { rowsOf, type Rule, type WeightLayout } from "@x/layers/model";

/** The two stacks under torch.nn.Transformer's names. */
function stacks(prefix: string): Readonly<Record<string, Rule>> {
  const encoder = `${prefix}encoder.layers.{i}`;
  const decoder = `${prefix}decoder.layers.{i}`;
  const selfAttention = (path: string, layer: string): Readonly<Record<string, Rule>> => ({
    [`${path}.qkv.weight`]: `${layer}.self_attn.in_proj_weight`,
    [`${path}.qkv.bias`]: `${layer}.self_attn.in_proj_bias`,
    [`${path}.proj.*`]: `${layer}.self_attn.out_proj.*`,
  });
  return {
    ...selfAttention("encoder.blocks.{i}.mixer", encoder),
    "encoder.blocks.{i}.mlp.fc1.*": `${encoder}.linear1.*`,
    "encoder.blocks.{i}.mlp.fc2.*": `${encoder}.linear2.*`,
    "encoder.blocks.{i}.*": `${encoder}.*`, // norm1, norm2
    "encoder.norm.*": `${prefix}encoder.norm.*`,
    ...selfAttention("decoder.blocks.{i}.selfAttention", decoder),
    "decoder.blocks.{i}.crossAttention.query.weight": rowsOf(`${decoder}.multihead_attn.in_proj_weight`, 0, 1, 3),
    "decoder.blocks.{i}.crossAttention.query.bias": rowsOf(`${decoder}.multihead_attn.in_proj_bias`, 0, 1, 3),
    "decoder.blocks.{i}.crossAttention.keyValue.weight": rowsOf(`${decoder}.multihead_attn.in_proj_weight`, 1, 3, 3),
    "decoder.blocks.{i}.crossAttention.keyValue.bias": rowsOf(`${decoder}.multihead_attn.in_proj_bias`, 1, 3, 3),
    "decoder.blocks.{i}.crossAttention.proj.*": `${decoder}.multihead_attn.out_proj.*`,
    "decoder.blocks.{i}.mlp.fc1.*": `${decoder}.linear1.*`,
    "decoder.blocks.{i}.mlp.fc2.*": `${decoder}.linear2.*`,
    "decoder.blocks.{i}.*": `${decoder}.*`, // norm1, norm2, norm3
    "decoder.norm.*": `${prefix}decoder.norm.*`,
  };
}

/** A bare torch.nn.Transformer. */
export const encoderDecoderLayout: WeightLayout = { name: "torch.nn.Transformer", table: stacks("") };

/** A module that holds a torch.nn.Transformer as `transformer`, its embeddings, and `lm_head` where the logits don't come from them. */
const withEmbeddings = (name: string, embeddings: Readonly<Record<string, Rule>>): WeightLayout => ({
  name,
  basePrefix: "transformer.",
  table: { ...stacks("transformer."), ...embeddings, "lmHead.weight": "lm_head.weight" },
});

export const transformerLayouts: readonly [oneVocabulary: WeightLayout, twoVocabularies: WeightLayout] = [
  withEmbeddings("torch.nn.Transformer with embeddings", { "encoderEmbedding.weight": "shared.weight" }),
  withEmbeddings("torch.nn.Transformer with two embeddings", {
    "encoderEmbedding.weight": "encoder_embed_tokens.weight",
    "decoderEmbedding.weight": "decoder_embed_tokens.weight",
  }),
];
