import { joined, type WeightLayout } from "@x/layers/model";

/** `microsoft/swin-*` on the hub. Hugging Face has each stage's merging at the end of the stage before. */
const huggingFace: WeightLayout = {
  name: "Hugging Face Swin",
  basePrefix: "swin.",
  table: {
    "patchEmbed.*": "swin.embeddings.patch_embeddings.projection.*",
    "patchNorm.*": "swin.embeddings.norm.*",
    posEmbed: "swin.embeddings.position_embeddings",
    "stages.{s}.downsample.*": "swin.encoder.layers.{s-1}.downsample.*",
    "stages.{s}.blocks.{b}.norm1.*": "swin.encoder.layers.{s}.blocks.{b}.layernorm_before.*",
    "stages.{s}.blocks.{b}.mixer.relativePositionBiasTable":
      "swin.encoder.layers.{s}.blocks.{b}.attention.self.relative_position_bias_table",
    "stages.{s}.blocks.{b}.mixer.qkv.*": joined(
      "swin.encoder.layers.{s}.blocks.{b}.attention.self.query.*",
      "swin.encoder.layers.{s}.blocks.{b}.attention.self.key.*",
      "swin.encoder.layers.{s}.blocks.{b}.attention.self.value.*",
    ),
    "stages.{s}.blocks.{b}.mixer.proj.*": "swin.encoder.layers.{s}.blocks.{b}.attention.output.dense.*",
    "stages.{s}.blocks.{b}.norm2.*": "swin.encoder.layers.{s}.blocks.{b}.layernorm_after.*",
    "stages.{s}.blocks.{b}.mlp.fc1.*": "swin.encoder.layers.{s}.blocks.{b}.intermediate.dense.*",
    "stages.{s}.blocks.{b}.mlp.fc2.*": "swin.encoder.layers.{s}.blocks.{b}.output.dense.*",
    "norm.*": "swin.layernorm.*",
    "head.*": "classifier.*",
  },
  ignore: ["swin.embeddings.mask_token", "decoder.*"], // what SimMIM's files have besides
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
    "stages.{s}.blocks.{b}.mixer.relativePositionBiasTable": "layers.{s}.blocks.{b}.attn.relative_position_bias_table",
    "stages.{s}.blocks.{b}.mixer.*": "layers.{s}.blocks.{b}.attn.*",
    "stages.{s}.blocks.{b}.norm2.*": "layers.{s}.blocks.{b}.norm2.*",
    "stages.{s}.blocks.{b}.mlp.*": "layers.{s}.blocks.{b}.mlp.*",
    "norm.*": "norm.*",
    "head.*": `${head}.*`,
  },
});

export const swinLayouts: readonly [huggingFace: WeightLayout, timm: WeightLayout, microsoft: WeightLayout] = [
  huggingFace,
  original("timm", "layers.{s}.downsample", "head.fc"),
  original("Microsoft", "layers.{s-1}.downsample", "head"),
];

const block = "swin.encoder.layers.{s}.blocks.{b}";

/** How adapters name its weights, the newest names first: Hugging Face's library has new ones in memory since version 5, files of models keep the old. */
export const swinAdapterLayouts: readonly WeightLayout[] = [
  {
    ...huggingFace,
    name: `${huggingFace.name} since transformers 5`,
    table: {
      ...huggingFace.table,
      "stages.{s}.blocks.{b}.mixer.relativePositionBiasTable": `${block}.attention.relative_position_bias.relative_position_bias_table`,
      "stages.{s}.blocks.{b}.mixer.qkv.*": joined(
        `${block}.attention.q_proj.*`,
        `${block}.attention.k_proj.*`,
        `${block}.attention.v_proj.*`,
      ),
      "stages.{s}.blocks.{b}.mixer.proj.*": `${block}.attention.o_proj.*`,
      "stages.{s}.blocks.{b}.mlp.fc1.*": `${block}.mlp.fc1.*`,
      "stages.{s}.blocks.{b}.mlp.fc2.*": `${block}.mlp.fc2.*`,
    },
  },
  ...swinLayouts,
];
