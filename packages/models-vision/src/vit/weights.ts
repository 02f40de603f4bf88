import { joined, type WeightLayout } from "@x/layers/model";

/** A stack of blocks, in place of the lines of the same paths, as Hugging Face's library calls it in memory since version 5, and so in PEFT's adapters; files of models keep the names below. */
export const blocksSince5 = (path: string, key: string): WeightLayout["table"] => ({
  [`${path}.{i}.norm1.*`]: `${key}.{i}.layernorm_before.*`,
  [`${path}.{i}.mixer.qkv.*`]: joined(`${key}.{i}.attention.q_proj.*`, `${key}.{i}.attention.k_proj.*`, `${key}.{i}.attention.v_proj.*`),
  [`${path}.{i}.mixer.proj.*`]: `${key}.{i}.attention.o_proj.*`,
  [`${path}.{i}.norm2.*`]: `${key}.{i}.layernorm_after.*`,
  [`${path}.{i}.mlp.fc1.*`]: `${key}.{i}.mlp.fc1.*`,
  [`${path}.{i}.mlp.fc2.*`]: `${key}.{i}.mlp.fc2.*`,
});

/** Hugging Face's names under a prefix: `vit.` or `deit.`. */
function huggingFace(prefix: string, name: string, heads: WeightLayout["table"]): WeightLayout {
  const layer = `${prefix}encoder.layer.{i}`;
  return {
    name,
    basePrefix: prefix,
    table: {
      clsToken: `${prefix}embeddings.cls_token`,
      distToken: `${prefix}embeddings.distillation_token`,
      posEmbed: `${prefix}embeddings.position_embeddings`,
      "patchEmbed.*": `${prefix}embeddings.patch_embeddings.projection.*`,
      "blocks.{i}.norm1.*": `${layer}.layernorm_before.*`,
      "blocks.{i}.mixer.qkv.*": joined(
        `${layer}.attention.attention.query.*`,
        `${layer}.attention.attention.key.*`,
        `${layer}.attention.attention.value.*`,
      ),
      "blocks.{i}.mixer.proj.*": `${layer}.attention.output.dense.*`,
      "blocks.{i}.norm2.*": `${layer}.layernorm_after.*`,
      "blocks.{i}.mlp.fc1.*": `${layer}.intermediate.dense.*`,
      "blocks.{i}.mlp.fc2.*": `${layer}.output.dense.*`,
      "norm.*": `${prefix}layernorm.*`,
      ...heads,
    },
    ignore: [`${prefix}pooler.*`, `${prefix}embeddings.mask_token`, "decoder.*"],
  };
}

/** timm's names, which are also facebookresearch's for DeiT, DINO and MAE. `norm` is the key of the norm before the head. */
const timm = (name: string, norm: string): WeightLayout => ({
  name,
  table: {
    clsToken: "cls_token",
    distToken: "dist_token",
    posEmbed: "pos_embed",
    "patchEmbed.*": "patch_embed.proj.*",
    "blocks.{i}.norm1.*": "blocks.{i}.norm1.*",
    "blocks.{i}.mixer.qkv.*": "blocks.{i}.attn.qkv.*",
    "blocks.{i}.mixer.proj.*": "blocks.{i}.attn.proj.*",
    "blocks.{i}.norm2.*": "blocks.{i}.norm2.*",
    "blocks.{i}.mlp.*": "blocks.{i}.mlp.*",
    "norm.*": `${norm}.*`,
    "head.*": "head.*",
    "headDist.*": "head_dist.*",
  },
  ignore: ["mask_token", "decoder_*"],
});

export const viTLayouts: readonly [huggingFace: WeightLayout, deiT: WeightLayout, timm: WeightLayout, timmMeanPooled: WeightLayout] = [
  huggingFace("vit.", "Hugging Face ViT", { "head.*": "classifier.*", "headDist.*": "distillation_classifier.*" }),
  huggingFace("deit.", "Hugging Face DeiT", { "head.*": "cls_classifier.*", "headDist.*": "distillation_classifier.*" }),
  timm("timm", "norm"),
  timm("timm, mean-pooled", "fc_norm"),
];

/** How adapters name a ViT's weights, or a distilled one's, the newest names first. */
export function viTAdapterLayouts(distilled: boolean): readonly WeightLayout[] {
  const [viT, deiT, ...timmLayouts] = viTLayouts;
  const [prefix, older] = distilled ? (["deit.", deiT] as const) : (["vit.", viT] as const);
  const table = { ...older.table, ...blocksSince5("blocks", `${prefix}layers`) };
  return [{ ...older, name: `${older.name} since transformers 5`, table }, older, ...timmLayouts];
}
