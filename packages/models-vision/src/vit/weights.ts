import { firstOf, joined, type WeightLayout } from "@x/layers/model";

/** A stack of blocks, in place of the lines of the same paths, as Hugging Face's library calls it in memory since version 5, and so in PEFT's adapters; files of models keep the names below. */
export const blocksSince5 = (path: string, key: string): WeightLayout["table"] => ({
  [`${path}.{i}.norm1.*`]: `${key}.{i}.layernorm_before.*`,
  ...attentionSince5(path, key),
  [`${path}.{i}.norm2.*`]: `${key}.{i}.layernorm_after.*`,
  [`${path}.{i}.mlp.fc1.*`]: `${key}.{i}.mlp.fc1.*`,
  [`${path}.{i}.mlp.fc2.*`]: `${key}.{i}.mlp.fc2.*`,
});

const attentionSince5 = (path: string, key: string): WeightLayout["table"] => ({
  [`${path}.{i}.mixer.qkv.*`]: joined(`${key}.{i}.attention.q_proj.*`, `${key}.{i}.attention.k_proj.*`, `${key}.{i}.attention.v_proj.*`),
  [`${path}.{i}.mixer.proj.*`]: `${key}.{i}.attention.o_proj.*`,
});

/** What Hugging Face's ViT, DeiT, MSN and DINOv2 name alike, under a prefix such as `vit.`. */
const huggingFace = (prefix: string, name: string, own: WeightLayout["table"]): WeightLayout => ({
  name,
  basePrefix: prefix,
  table: {
    clsToken: `${prefix}embeddings.cls_token`,
    distToken: `${prefix}embeddings.distillation_token`,
    registerTokens: `${prefix}embeddings.register_tokens`,
    posEmbed: `${prefix}embeddings.position_embeddings`,
    "patchEmbed.*": `${prefix}embeddings.patch_embeddings.projection.*`,
    "blocks.{i}.mixer.qkv.*": joined(
      `${prefix}encoder.layer.{i}.attention.attention.query.*`,
      `${prefix}encoder.layer.{i}.attention.attention.key.*`,
      `${prefix}encoder.layer.{i}.attention.attention.value.*`,
    ),
    "blocks.{i}.mixer.proj.*": `${prefix}encoder.layer.{i}.attention.output.dense.*`,
    ...own,
    "norm.*": `${prefix}layernorm.*`,
    "headDist.*": "distillation_classifier.*",
  },
  ignore: [`${prefix}pooler.*`, `${prefix}embeddings.mask_token`, "decoder.*"],
});

const viT = (prefix: string, name: string, head: string): WeightLayout =>
  huggingFace(prefix, name, {
    "blocks.{i}.norm1.*": `${prefix}encoder.layer.{i}.layernorm_before.*`,
    "blocks.{i}.norm2.*": `${prefix}encoder.layer.{i}.layernorm_after.*`,
    "blocks.{i}.mlp.fc1.*": `${prefix}encoder.layer.{i}.intermediate.dense.*`,
    "blocks.{i}.mlp.fc2.*": `${prefix}encoder.layer.{i}.output.dense.*`,
    "head.*": `${head}.*`,
  });

/** DINOv2's; of the giant the MLPs are gated, and have names of their own. */
const dinoV2 = (prefix: string, name: string, [fc1, fc2]: readonly [string, string]): WeightLayout =>
  huggingFace(prefix, name, {
    "blocks.{i}.norm1.*": `${prefix}encoder.layer.{i}.norm1.*`,
    "blocks.{i}.scale1.gamma": `${prefix}encoder.layer.{i}.layer_scale1.lambda1`,
    "blocks.{i}.norm2.*": `${prefix}encoder.layer.{i}.norm2.*`,
    "blocks.{i}.mlp.fc1.*": `${prefix}encoder.layer.{i}.mlp.${fc1}.*`,
    "blocks.{i}.mlp.fc2.*": `${prefix}encoder.layer.{i}.mlp.${fc2}.*`,
    "blocks.{i}.scale2.gamma": `${prefix}encoder.layer.{i}.layer_scale2.lambda1`,
    "head.*": "classifier.*",
  });

/** timm's names, which are also facebookresearch's for DeiT, DINO, DINOv2 and MAE. `norm` is the key of the norm before the head. */
const timm = (name: string, norm: string): WeightLayout => ({
  name,
  table: {
    clsToken: "cls_token",
    distToken: "dist_token",
    registerTokens: firstOf("reg_token", "register_tokens"),
    posEmbed: "pos_embed",
    "patchEmbed.*": "patch_embed.proj.*",
    "normPre.*": "norm_pre.*",
    "blocks.{i}.norm1.*": "blocks.{i}.norm1.*",
    "blocks.{i}.mixer.qkv.*": "blocks.{i}.attn.qkv.*",
    "blocks.{i}.mixer.proj.*": "blocks.{i}.attn.proj.*",
    "blocks.{i}.scale1.gamma": "blocks.{i}.ls1.gamma",
    "blocks.{i}.norm2.*": "blocks.{i}.norm2.*",
    "blocks.{i}.mlp.fc1.*": firstOf("blocks.{i}.mlp.fc1.*", "blocks.{i}.mlp.w12.*"),
    "blocks.{i}.mlp.fc2.*": firstOf("blocks.{i}.mlp.fc2.*", "blocks.{i}.mlp.w3.*"),
    "blocks.{i}.scale2.gamma": "blocks.{i}.ls2.gamma",
    "norm.*": `${norm}.*`,
    "latentPool.attention.query.*": "attn_pool.q.*",
    "latentPool.attention.keyValue.*": "attn_pool.kv.*",
    "latentPool.attention.proj.*": "attn_pool.proj.*",
    "latentPool.*": "attn_pool.*",
    "head.*": "head.*",
    "headDist.*": "head_dist.*",
  },
  ignore: ["mask_token", "decoder_*"],
});

const ungated = ["fc1", "fc2"] as const;
const gated = ["weights_in", "weights_out"] as const;
const registers = "dinov2_with_registers.";

export type ViTLayoutName =
  | "viT"
  | "deiT"
  | "deiTOneHead"
  | "dinoV2"
  | "dinoV2Gated"
  | "dinoV2Registers"
  | "dinoV2RegistersGated"
  | "timm"
  | "timmPooledNorm";

export const viTLayouts: Readonly<Record<ViTLayoutName, WeightLayout>> = {
  viT: viT("vit.", "Hugging Face ViT", "classifier"),
  deiT: viT("deit.", "Hugging Face DeiT", "cls_classifier"),
  deiTOneHead: viT("deit.", "Hugging Face DeiT, one head", "classifier"),
  dinoV2: dinoV2("dinov2.", "Hugging Face DINOv2", ungated),
  dinoV2Gated: dinoV2("dinov2.", "Hugging Face DINOv2, gated", gated),
  dinoV2Registers: dinoV2(registers, "Hugging Face DINOv2 with registers", ungated),
  dinoV2RegistersGated: dinoV2(registers, "Hugging Face DINOv2 with registers, gated", gated),
  timm: timm("timm", "norm"),
  timmPooledNorm: timm("timm, the pooled normed", "fc_norm"),
};

/** How adapters name the weights of a model that is saved so, the newest names first: Hugging Face's library has new ones in memory since version 5. */
export function viTAdapterLayouts(saved: ViTLayoutName): readonly WeightLayout[] {
  const layout = viTLayouts[saved];
  const older = saved.startsWith("timm") ? viTLayouts.viT : layout;
  const { basePrefix: prefix = "" } = older;
  const blocks = saved.startsWith("dinoV2")
    ? { ...attentionSince5("blocks", `${prefix}encoder.layer`), ...(saved.endsWith("Gated") ? gatedSince5(prefix) : {}) }
    : blocksSince5("blocks", `${prefix}layers`);
  const newer = { ...older, name: `${older.name} since transformers 5`, table: { ...older.table, ...blocks } };
  return [newer, older, viTLayouts.timm, viTLayouts.timmPooledNorm];
}

const gatedSince5 = (prefix: string): WeightLayout["table"] => ({
  "blocks.{i}.mlp.fc1.*": joined(`${prefix}encoder.layer.{i}.mlp.gate_proj.*`, `${prefix}encoder.layer.{i}.mlp.up_proj.*`),
  "blocks.{i}.mlp.fc2.*": `${prefix}encoder.layer.{i}.mlp.down_proj.*`,
});
