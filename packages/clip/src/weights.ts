import { joined, transposed, type WeightLayout } from "@x/layers/model";

/** One encoder's blocks in Hugging Face's names. */
export const hubBlocks = (ours: string, theirs: string): WeightLayout["table"] => ({
  [`${ours}.blocks.{i}.norm1.*`]: `${theirs}.encoder.layers.{i}.layer_norm1.*`,
  [`${ours}.blocks.{i}.mixer.qkv.*`]: joined(
    `${theirs}.encoder.layers.{i}.self_attn.q_proj.*`,
    `${theirs}.encoder.layers.{i}.self_attn.k_proj.*`,
    `${theirs}.encoder.layers.{i}.self_attn.v_proj.*`,
  ),
  [`${ours}.blocks.{i}.mixer.proj.*`]: `${theirs}.encoder.layers.{i}.self_attn.out_proj.*`,
  [`${ours}.blocks.{i}.norm2.*`]: `${theirs}.encoder.layers.{i}.layer_norm2.*`,
  [`${ours}.blocks.{i}.mlp.*`]: `${theirs}.encoder.layers.{i}.mlp.*`,
});

const huggingFace: WeightLayout = {
  name: "Hugging Face CLIP",
  table: {
    logitScale: "logit_scale",
    "visual.clsToken": "vision_model.embeddings.class_embedding",
    "visual.patchEmbed.*": "vision_model.embeddings.patch_embedding.*",
    "visual.posEmbed": "vision_model.embeddings.position_embedding.weight",
    "visual.normPre.*": "vision_model.pre_layrnorm.*", // their spelling
    ...hubBlocks("visual", "vision_model"),
    "visual.norm.*": "vision_model.post_layernorm.*",
    "visual.proj.*": "visual_projection.*",
    "text.tokenEmbed.*": "text_model.embeddings.token_embedding.*",
    "text.posEmbed": "text_model.embeddings.position_embedding.weight",
    ...hubBlocks("text", "text_model"),
    "text.norm.*": "text_model.final_layer_norm.*",
    "text.proj.*": "text_projection.*",
    // A ResNet has no names there: where one is found, it is OpenAI's.
    "visual.*": "visual.*",
  },
};

/** One encoder's blocks in OpenAI's names. */
export const openAIBlocks = (ours: string, theirs: string): WeightLayout["table"] => ({
  [`${ours}.blocks.{i}.norm1.*`]: `${theirs}.{i}.ln_1.*`,
  [`${ours}.blocks.{i}.mixer.qkv.*`]: `${theirs}.{i}.attn.in_proj_*`,
  [`${ours}.blocks.{i}.mixer.proj.*`]: `${theirs}.{i}.attn.out_proj.*`,
  [`${ours}.blocks.{i}.norm2.*`]: `${theirs}.{i}.ln_2.*`,
  [`${ours}.blocks.{i}.mlp.fc1.*`]: `${theirs}.{i}.mlp.c_fc.*`,
  [`${ours}.blocks.{i}.mlp.fc2.*`]: `${theirs}.{i}.mlp.c_proj.*`,
});

/** A batch norm in PyTorch's names. */
const batchNorm = (ours: string, theirs: string): WeightLayout["table"] => ({
  [`${ours}.runningMean`]: `${theirs}.running_mean`,
  [`${ours}.runningVar`]: `${theirs}.running_var`,
  [`${ours}.*`]: `${theirs}.*`,
});

/** OpenAI's names, which are also open_clip's; projections are stored as (in, out). */
const openAI: WeightLayout = {
  name: "OpenAI CLIP",
  table: {
    logitScale: "logit_scale",
    "visual.clsToken": "visual.class_embedding",
    "visual.patchEmbed.*": "visual.conv1.*",
    "visual.posEmbed": "visual.positional_embedding",
    "visual.normPre.*": "visual.ln_pre.*",
    ...openAIBlocks("visual", "visual.transformer.resblocks"),
    "visual.norm.*": "visual.ln_post.*",
    "visual.proj.weight": transposed("visual.proj"),
    "visual.conv{i}.*": "visual.conv{i}.*",
    ...batchNorm("visual.bn{i}", "visual.bn{i}"),
    "visual.stages.{s}.blocks.{i}.conv{k}.*": "visual.layer{s+1}.{i}.conv{k}.*",
    ...batchNorm("visual.stages.{s}.blocks.{i}.bn{k}", "visual.layer{s+1}.{i}.bn{k}"),
    "visual.stages.{s}.blocks.{i}.shortcut.conv.*": "visual.layer{s+1}.{i}.downsample.0.*",
    ...batchNorm("visual.stages.{s}.blocks.{i}.shortcut.norm", "visual.layer{s+1}.{i}.downsample.1"),
    "visual.attnPool.posEmbed": "visual.attnpool.positional_embedding",
    "visual.attnPool.qProj.*": "visual.attnpool.q_proj.*",
    "visual.attnPool.kProj.*": "visual.attnpool.k_proj.*",
    "visual.attnPool.vProj.*": "visual.attnpool.v_proj.*",
    "visual.attnPool.cProj.*": "visual.attnpool.c_proj.*",
    "text.tokenEmbed.*": "token_embedding.*",
    "text.posEmbed": "positional_embedding",
    ...openAIBlocks("text", "transformer.resblocks"),
    "text.norm.*": "ln_final.*",
    "text.proj.weight": transposed("text_projection"),
  },
};

export const clipLayouts: readonly [huggingFace: WeightLayout, openAI: WeightLayout] = [huggingFace, openAI];
