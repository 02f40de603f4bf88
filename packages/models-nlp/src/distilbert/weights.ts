import { firstOf, joined, type WeightLayout } from "@x/layers/model";
import { idleNames } from "../text-encoder/weights.ts";

const layer = "distilbert.transformer.layer.{i}";

/** Hugging Face's names, as in `distilbert/distilbert-base-uncased`. */
export const distilBertLayouts: readonly [huggingFace: WeightLayout] = [
  {
    name: "Hugging Face DistilBERT",
    basePrefix: "distilbert.",
    table: {
      "embeddings.wordEmbeddings.weight": firstOf("distilbert.embeddings.word_embeddings.weight", "vocab_projector.weight"),
      "embeddings.positionEmbeddings.*": "distilbert.embeddings.position_embeddings.*",
      "embeddings.norm.*": "distilbert.embeddings.LayerNorm.*",
      "blocks.{i}.mixer.qkv.*": joined(`${layer}.attention.q_lin.*`, `${layer}.attention.k_lin.*`, `${layer}.attention.v_lin.*`),
      "blocks.{i}.mixer.proj.*": `${layer}.attention.out_lin.*`,
      "blocks.{i}.norm1.*": `${layer}.sa_layer_norm.*`,
      "blocks.{i}.mlp.fc1.*": `${layer}.ffn.lin1.*`,
      "blocks.{i}.mlp.fc2.*": `${layer}.ffn.lin2.*`,
      "blocks.{i}.norm2.*": `${layer}.output_layer_norm.*`,
      "predictions.transform.*": "vocab_transform.*",
      "predictions.norm.*": "vocab_layer_norm.*",
      "predictions.decoder": "vocab_projector.weight",
      "predictions.bias": "vocab_projector.bias",
      "classifier.dense.*": "pre_classifier.*",
      "classifier.outProj.*": "classifier.*",
      "classifier.*": "classifier.*",
      "qaOutputs.*": "qa_outputs.*",
    },
    ignore: ["vocab_*", "pre_classifier.*", "classifier.*", "qa_outputs.*", ...idleNames("distilbert")],
  },
];
