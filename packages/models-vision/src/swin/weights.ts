import { joined, type WeightLayout } from "@x/layers/model";

type Table = WeightLayout["table"];

/** Where a block's attention lies here. */
export const mixer = "stages.{s}.blocks.{b}.mixer";

/** Query, key and value, which Hugging Face's files have one by one. @param keys what is joined: `*`, or `weight` alone */
export const joinedQkv = (
  attention: string,
  keys: string,
  names: readonly [string, string, string] = ["query", "key", "value"],
): Table => ({
  [`${mixer}.qkv.${keys}`]: joined(...(names.map((name) => `${attention}.${name}.${keys}`) as [string, string, string])),
});

/**
 * `microsoft/swin-*` and others on the hub, which have all but attention alike. Hugging Face has each stage's merging at the end of the stage before.
 * @param base `swin` @param attentionOf names of a block's attention, which lies at `attention`
 */
export function hubSwinLayout(name: string, base: string, attentionOf: (attention: string) => Table): WeightLayout {
  const [layers, block] = [`${base}.encoder.layers`, `${base}.encoder.layers.{s}.blocks.{b}`];
  return {
    name,
    basePrefix: `${base}.`,
    table: {
      "patchEmbed.*": `${base}.embeddings.patch_embeddings.projection.*`,
      "patchNorm.*": `${base}.embeddings.norm.*`,
      posEmbed: `${base}.embeddings.position_embeddings`,
      "stages.{s}.downsample.*": `${layers}.{s-1}.downsample.*`,
      "stages.{s}.blocks.{b}.norm1.*": `${block}.layernorm_before.*`,
      [`${mixer}.proj.*`]: `${block}.attention.output.dense.*`,
      ...attentionOf(`${block}.attention.self`),
      "stages.{s}.blocks.{b}.norm2.*": `${block}.layernorm_after.*`,
      "stages.{s}.blocks.{b}.mlp.fc1.*": `${block}.intermediate.dense.*`,
      "stages.{s}.blocks.{b}.mlp.fc2.*": `${block}.output.dense.*`,
      "norm.*": `${base}.layernorm.*`,
      "head.*": "classifier.*",
    },
    ignore: [`${base}.embeddings.mask_token`, "decoder.*", "*relative_coords_table"], // what SimMIM's files, and older ones, have besides
  };
}

/** timm's names, and Microsoft's own, which differ in where merging stands and what the head is called. @param attentionOf as of `hubSwinLayout` */
export function originalSwinLayouts(attentionOf: (attention: string) => Table): readonly [timm: WeightLayout, microsoft: WeightLayout] {
  const block = "layers.{s}.blocks.{b}";
  const layout = (name: string, downsample: string, head: string): WeightLayout => ({
    name,
    table: {
      "patchEmbed.*": "patch_embed.proj.*",
      "patchNorm.*": "patch_embed.norm.*",
      posEmbed: "absolute_pos_embed",
      "stages.{s}.downsample.*": `${downsample}.*`,
      "stages.{s}.blocks.{b}.norm1.*": `${block}.norm1.*`,
      ...attentionOf(`${block}.attn`),
      [`${mixer}.*`]: `${block}.attn.*`,
      "stages.{s}.blocks.{b}.norm2.*": `${block}.norm2.*`,
      "stages.{s}.blocks.{b}.mlp.*": `${block}.mlp.*`,
      "norm.*": "norm.*",
      "head.*": `${head}.*`,
    },
    ignore: ["*relative_coords_table"],
  });
  return [layout("timm", "layers.{s}.downsample", "head.fc"), layout("Microsoft", "layers.{s-1}.downsample", "head")];
}

const biasTable = (attention: string): Table => ({ [`${mixer}.relativePositionBiasTable`]: `${attention}.relative_position_bias_table` });

const huggingFace = hubSwinLayout("Hugging Face Swin", "swin", (attention) => ({ ...biasTable(attention), ...joinedQkv(attention, "*") }));

export const swinLayouts: readonly [huggingFace: WeightLayout, timm: WeightLayout, microsoft: WeightLayout] = [
  huggingFace,
  ...originalSwinLayouts(biasTable),
];

const block = "swin.encoder.layers.{s}.blocks.{b}";

/** How adapters name its weights, the newest names first: Hugging Face's library has new ones in memory since version 5, files of models keep the old. */
export const swinAdapterLayouts: readonly WeightLayout[] = [
  {
    ...huggingFace,
    name: `${huggingFace.name} since transformers 5`,
    table: {
      ...huggingFace.table,
      ...biasTable(`${block}.attention.relative_position_bias`),
      ...joinedQkv(`${block}.attention`, "*", ["q_proj", "k_proj", "v_proj"]),
      [`${mixer}.proj.*`]: `${block}.attention.o_proj.*`,
      "stages.{s}.blocks.{b}.mlp.fc1.*": `${block}.mlp.fc1.*`,
      "stages.{s}.blocks.{b}.mlp.fc2.*": `${block}.mlp.fc2.*`,
    },
  },
  ...swinLayouts,
];
