/** SigLIP and SigLIP 2 as open_clip has them (`timm/ViT-B-16-SigLIP`): timm's image encoder, and open_clip's text encoder. */
import { type Checkpoint, CheckpointError } from "@x/layers";
import { CheckpointShapes, configFrom, type JsonObject, reshaped, underNames, type WeightLayout } from "@x/layers/model";
import { timmEncoderConfig, viTLayouts } from "@x/models-vision";
import { fieldOf, towerOf } from "../open-clip/fields.ts";
import { noWords, towerConfig } from "../open-clip/clip-config.ts";
import { textShape, towerSettings } from "../open-clip/inferred-config.ts";
import { openAIBlocks } from "../weights.ts";
import { type SigLIPConfig, sigLIPTextDefaults, type SigLIPVisionConfig, sigLIPVisionDefaults } from "./config.ts";

const trunk = "visual.trunk.";

export const openSigLIPLayout: WeightLayout = {
  name: "open_clip SigLIP",
  table: {
    logitScale: reshaped("logit_scale", []),
    logitBias: reshaped("logit_bias", []),
    ...Object.fromEntries(
      Object.entries(viTLayouts.timm.table).flatMap(([path, rule]) => (typeof rule === "string" ? [[`visual.${path}`, trunk + rule]] : [])),
    ),
    "visual.blocks.{i}.mlp.*": `${trunk}blocks.{i}.mlp.*`,
    "text.tokenEmbed.*": "text.token_embedding.*",
    "text.posEmbed": "text.positional_embedding",
    ...openAIBlocks("text", "text.transformer.resblocks"),
    "text.norm.*": "text.ln_final.*",
    "text.proj.*": "text.text_projection.*",
  },
};

/** How SigLIP's text tower differs from CLIP's, in open_clip's words. */
const sigLIPText = { no_causal_mask: true, pool_type: "last", proj_bias: true } as const;

/** Its shape, read off its entries. @throws CheckpointError when it is another model of open_clip's */
export function openSigLIPConfigFrom(openClip: JsonObject, checkpoint: Checkpoint): SigLIPConfig {
  const file = checkpoint.label;
  const [vision, text] = [towerOf(openClip, "vision_cfg"), towerOf(openClip, "text_cfg")];
  for (const [key, value] of Object.entries(sigLIPText))
    // prettier-ignore
    if (fieldOf(text, key) !== value) throw new CheckpointError(`open_clip_config.json: text_cfg: ${key} isn't SigLIP's`, { file, expected: JSON.stringify(value) });
  const architecture = String(fieldOf(vision, "timm_model_name"));
  if (!architecture.includes("siglip")) throw new CheckpointError("this is not a SigLIP", { file, found: architecture.slice(0, 100) });
  const shapes = new CheckpointShapes(checkpoint, "open_clip's SigLIP");
  const heads = fieldOf(text, "heads");
  return {
    textConfig: {
      ...sigLIPTextDefaults,
      ...towerSettings(text, "gelu"),
      ...textShape(shapes, "text.", text),
      numAttentionHeads: typeof heads === "number" ? heads : 8,
      projectionSize: shapes.of("text.text_projection.weight")[0] ?? 0,
    },
    visionConfig: visionFrom({ architecture, img_size: fieldOf(vision, "image_size") ?? null }, checkpoint),
  };
}

function visionFrom(timm: JsonObject, checkpoint: Checkpoint): SigLIPVisionConfig {
  const names = [...checkpoint.entries.keys()].filter((name) => name.startsWith(trunk));
  const own = underNames(checkpoint, new Map(names.map((name) => [name.slice(trunk.length), name])));
  const found = timmEncoderConfig(timm, new CheckpointShapes(own, "open_clip's SigLIP"));
  const { imageSize, patchSize, numChannels, hiddenSize, numHiddenLayers, numAttentionHeads, intermediateSize, hiddenAct, layerNormEps } =
    found;
  const size = { imageSize, patchSize, numChannels, hiddenSize, numHiddenLayers, numAttentionHeads, intermediateSize };
  return configFrom(sigLIPVisionDefaults, { ...size, hiddenAct, layerNormEps });
}

/** Names that timm has for shapes: of each width and patch one, since the size of pictures may be told. */
const architectures: readonly (readonly [name: string, width: number, patch: number, hiddenAct: string])[] = [
  ["vit_base_patch16_siglip_224", 768, 16, "gelu"],
  ["vit_base_patch32_siglip_256", 768, 32, "gelu_pytorch_tanh"],
  ["vit_large_patch16_siglip_256", 1024, 16, "gelu"],
  ["vit_large_patch16_siglip_512", 1024, 16, "gelu_pytorch_tanh"],
  ["vit_so400m_patch14_siglip_224", 1152, 14, "gelu"],
  ["vit_so400m_patch16_siglip_256", 1152, 16, "gelu_pytorch_tanh"],
  ["vit_giantopt_patch16_siglip_256", 1536, 16, "gelu_pytorch_tanh"],
];

/** `model_cfg`. @param tokenizer what it says of that @throws CheckpointError when timm has no name for the shape */
export function openSigLIPModelConfig({ textConfig: text, visionConfig: vision }: SigLIPConfig, tokenizer: JsonObject): JsonObject {
  const { hiddenSize, patchSize, hiddenAct, imageSize } = vision;
  const [name] = architectures.find(([, width, patch, act]) => width === hiddenSize && patch === patchSize && act === hiddenAct) ?? [];
  if (name === undefined) {
    const found = `a width of ${hiddenSize}, patches of ${patchSize}, ${hiddenAct}`;
    throw new CheckpointError("open_clip has no name for this SigLIP, and Hugging Face's library no words for its tokenizer", { found });
  }
  if (text.hiddenAct === "quick_gelu") throw noWords("a SigLIP with QuickGELU");
  return {
    embed_dim: text.projectionSize,
    init_logit_bias: -10,
    custom_text: true,
    vision_cfg: { image_size: imageSize, timm_model_name: name, timm_model_pretrained: false, timm_pool: "map", timm_proj: "none" },
    text_cfg: {
      context_length: text.maxPositionEmbeddings,
      vocab_size: text.vocabSize,
      ...tokenizer,
      ...towerConfig(text),
      heads: text.numAttentionHeads,
      ...sigLIPText,
    },
  };
}
