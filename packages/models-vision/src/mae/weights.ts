import { joined, type Rule, type WeightLayout } from "@x/layers/model";
import { blocksSince5 } from "../vit/weights.ts";

/** `facebook/vit-mae-*` on the hub. transformers writes the decoder's layers as `decoder_encoder.layer` since 5.18. */
const huggingFace: WeightLayout = {
  name: "Hugging Face ViTMAE",
  table: {
    clsToken: "vit.embeddings.cls_token",
    posEmbed: "vit.embeddings.position_embeddings",
    "patchEmbed.*": "vit.embeddings.patch_embeddings.projection.*",
    ...huggingFaceBlocks("blocks", "vit.encoder.layer"),
    "norm.*": "vit.layernorm.*",
    "decoder.embed.*": "decoder.decoder_embed.*",
    "decoder.maskToken": "decoder.mask_token",
    "decoder.posEmbed": "decoder.decoder_pos_embed",
    ...huggingFaceBlocks("decoder.blocks", "decoder.decoder_layers"),
    "decoder.norm.*": "decoder.decoder_norm.*",
    "decoder.pred.*": "decoder.decoder_pred.*",
  },
  aliases: { "decoder.decoder_encoder.layer.{i}.*": "decoder.decoder_layers.{i}.*" },
};

function huggingFaceBlocks(path: string, key: string): Readonly<Record<string, Rule>> {
  const attention = `${key}.{i}.attention`;
  return {
    [`${path}.{i}.norm1.*`]: `${key}.{i}.layernorm_before.*`,
    [`${path}.{i}.mixer.qkv.*`]: joined(`${attention}.attention.query.*`, `${attention}.attention.key.*`, `${attention}.attention.value.*`),
    [`${path}.{i}.mixer.proj.*`]: `${attention}.output.dense.*`,
    [`${path}.{i}.norm2.*`]: `${key}.{i}.layernorm_after.*`,
    [`${path}.{i}.mlp.fc1.*`]: `${key}.{i}.intermediate.dense.*`,
    [`${path}.{i}.mlp.fc2.*`]: `${key}.{i}.output.dense.*`,
  };
}

/** The authors' own files: `mae_visualize_vit_large.pth`. */
const facebookResearch: WeightLayout = {
  name: "facebookresearch/mae",
  table: {
    clsToken: "cls_token",
    posEmbed: "pos_embed",
    "patchEmbed.*": "patch_embed.proj.*",
    ...facebookBlocks("blocks", "blocks"),
    "norm.*": "norm.*",
    "decoder.embed.*": "decoder_embed.*",
    "decoder.maskToken": "mask_token",
    "decoder.posEmbed": "decoder_pos_embed",
    ...facebookBlocks("decoder.blocks", "decoder_blocks"),
    "decoder.norm.*": "decoder_norm.*",
    "decoder.pred.*": "decoder_pred.*",
  },
};

function facebookBlocks(path: string, key: string): Readonly<Record<string, Rule>> {
  return { [`${path}.{i}.mixer.*`]: `${key}.{i}.attn.*`, [`${path}.{i}.*`]: `${key}.{i}.*` };
}

export const maeLayouts: readonly [huggingFace: WeightLayout, facebookResearch: WeightLayout] = [huggingFace, facebookResearch];

/** How adapters name its weights, the newest names first. */
export const maeAdapterLayouts: readonly WeightLayout[] = [
  {
    name: `${huggingFace.name} since transformers 5`,
    table: { ...huggingFace.table, ...blocksSince5("blocks", "vit.layers"), ...blocksSince5("decoder.blocks", "decoder.decoder_layers") },
  },
  ...maeLayouts,
];
