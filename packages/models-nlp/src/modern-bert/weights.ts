import { firstOf, type WeightLayout } from "@x/layers/model";

const layer = "model.layers.{i}";

/** Hugging Face's names, as in `answerdotai/ModernBERT-base`. */
const layout = (isTied: boolean): WeightLayout => ({
  name: "Hugging Face ModernBERT",
  basePrefix: "model.",
  table: {
    "embeddings.wordEmbeddings.weight": isTied
      ? firstOf("model.embeddings.tok_embeddings.weight", "decoder.weight")
      : "model.embeddings.tok_embeddings.weight",
    "embeddings.norm.*": "model.embeddings.norm.*",
    "blocks.{i}.norm1.*": `${layer}.attn_norm.*`,
    "blocks.{i}.mixer.qkv.*": `${layer}.attn.Wqkv.*`,
    "blocks.{i}.mixer.proj.*": `${layer}.attn.Wo.*`,
    "blocks.{i}.norm2.*": `${layer}.mlp_norm.*`,
    "blocks.{i}.mlp.fc1.*": `${layer}.mlp.Wi.*`,
    "blocks.{i}.mlp.fc2.*": `${layer}.mlp.Wo.*`,
    "norm.*": "model.final_norm.*",
    "predictions.transform.*": "head.dense.*",
    "predictions.norm.*": "head.norm.*",
    "predictions.decoder": "decoder.weight",
    "predictions.bias": "decoder.bias",
    "transform.*": "head.*",
    "classifier.*": "classifier.*",
    "qaOutputs.*": "classifier.*",
  },
  ignore: ["head.*", "decoder.*", "classifier.*"],
});

export const modernBertLayouts: readonly [tied: WeightLayout, untied: WeightLayout] = [layout(true), layout(false)];
