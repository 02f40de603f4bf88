import { joined, type WeightLayout } from "@x/layers/model";

/** `microsoft/swinv2-*` on the hub. Hugging Face has each stage's merging at the end of the stage before. */
const block = "swinv2.encoder.layers.{s}.blocks.{b}";
const huggingFace: WeightLayout = {
  name: "Hugging Face Swin V2",
  basePrefix: "swinv2.",
  table: {
    "patchEmbed.*": "swinv2.embeddings.patch_embeddings.projection.*",
    "patchNorm.*": "swinv2.embeddings.norm.*",
    posEmbed: "swinv2.embeddings.position_embeddings",
    "stages.{s}.downsample.*": "swinv2.encoder.layers.{s-1}.downsample.*",
    "stages.{s}.blocks.{b}.norm1.*": `${block}.layernorm_before.*`,
    "stages.{s}.blocks.{b}.mixer.logitScale": `${block}.attention.self.logit_scale`,
    "stages.{s}.blocks.{b}.mixer.positionBias.*1": `${block}.attention.self.continuous_position_bias_mlp.0.*`,
    "stages.{s}.blocks.{b}.mixer.positionBias.*2": `${block}.attention.self.continuous_position_bias_mlp.2.*`,
    "stages.{s}.blocks.{b}.mixer.qkv.weight": joined(
      `${block}.attention.self.query.weight`,
      `${block}.attention.self.key.weight`,
      `${block}.attention.self.value.weight`,
    ),
    "stages.{s}.blocks.{b}.mixer.queryBias": `${block}.attention.self.query.bias`,
    "stages.{s}.blocks.{b}.mixer.valueBias": `${block}.attention.self.value.bias`,
    "stages.{s}.blocks.{b}.mixer.proj.*": `${block}.attention.output.dense.*`,
    "stages.{s}.blocks.{b}.norm2.*": `${block}.layernorm_after.*`,
    "stages.{s}.blocks.{b}.mlp.fc1.*": `${block}.intermediate.dense.*`,
    "stages.{s}.blocks.{b}.mlp.fc2.*": `${block}.output.dense.*`,
    "norm.*": "swinv2.layernorm.*",
    "head.*": "classifier.*",
  },
  ignore: ["swinv2.embeddings.mask_token", "decoder.*", "*relative_coords_table"], // what SimMIM's files, and older ones, have besides
};

/** timm's names, and Microsoft's own, which differ in where merging stands and what the head is called. */
const original = (name: string, downsample: string, head: string): WeightLayout => ({
  name,
  table: {
    "patchEmbed.*": "patch_embed.proj.*",
    "patchNorm.*": "patch_embed.norm.*",
    posEmbed: "absolute_pos_embed",
    "stages.{s}.downsample.*": `${downsample}.*`,
    "stages.{s}.blocks.{b}.norm1.*": "layers.{s}.blocks.{b}.norm1.*",
    "stages.{s}.blocks.{b}.mixer.logitScale": "layers.{s}.blocks.{b}.attn.logit_scale",
    "stages.{s}.blocks.{b}.mixer.positionBias.*1": "layers.{s}.blocks.{b}.attn.cpb_mlp.0.*",
    "stages.{s}.blocks.{b}.mixer.positionBias.*2": "layers.{s}.blocks.{b}.attn.cpb_mlp.2.*",
    "stages.{s}.blocks.{b}.mixer.queryBias": "layers.{s}.blocks.{b}.attn.q_bias",
    "stages.{s}.blocks.{b}.mixer.valueBias": "layers.{s}.blocks.{b}.attn.v_bias",
    "stages.{s}.blocks.{b}.mixer.*": "layers.{s}.blocks.{b}.attn.*",
    "stages.{s}.blocks.{b}.norm2.*": "layers.{s}.blocks.{b}.norm2.*",
    "stages.{s}.blocks.{b}.mlp.*": "layers.{s}.blocks.{b}.mlp.*",
    "norm.*": "norm.*",
    "head.*": `${head}.*`,
  },
  ignore: ["*relative_coords_table"],
});

export const swinV2Layouts: readonly [huggingFace: WeightLayout, timm: WeightLayout, microsoft: WeightLayout] = [
  huggingFace,
  original("timm", "layers.{s}.downsample", "head.fc"),
  original("Microsoft", "layers.{s-1}.downsample", "head"),
];
