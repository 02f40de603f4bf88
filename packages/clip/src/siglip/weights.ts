import { reshaped, rowsOf, type WeightLayout } from "@x/layers/model";
import { hubBlocks } from "../weights.ts";
import type { SigLIPConfig } from "./config.ts";

/** `google/siglip-*` and `google/siglip2-*` on the hub. Query, key and value of the pooling are one matrix there. */
export function sigLIPLayout({ visionConfig: { hiddenSize, imageSize, patchSize } }: SigLIPConfig): WeightLayout {
  const numPatches = Math.floor(imageSize / patchSize) ** 2;
  return {
    name: "Hugging Face SigLIP",
    table: {
      logitScale: "logit_scale",
      logitBias: "logit_bias",
      "visual.patchEmbed.*": "vision_model.embeddings.patch_embedding.*",
      "visual.posEmbed": reshaped("vision_model.embeddings.position_embedding.weight", [numPatches, hiddenSize]),
      ...hubBlocks("visual", "vision_model"),
      "visual.norm.*": "vision_model.post_layernorm.*",
      "visual.latentPool.latent": "vision_model.head.probe",
      "visual.latentPool.attention.query.*": rowsOf("vision_model.head.attention.in_proj_*", 0, 1, 3),
      "visual.latentPool.attention.keyValue.*": rowsOf("vision_model.head.attention.in_proj_*", 1, 3, 3),
      "visual.latentPool.attention.proj.*": "vision_model.head.attention.out_proj.*",
      "visual.latentPool.norm.*": "vision_model.head.layernorm.*",
      "visual.latentPool.mlp.*": "vision_model.head.mlp.*",
      "text.tokenEmbed.*": "text_model.embeddings.token_embedding.*",
      "text.posEmbed": "text_model.embeddings.position_embedding.weight",
      ...hubBlocks("text", "text_model"),
      "text.norm.*": "text_model.final_layer_norm.*",
      "text.proj.*": "text_model.head.*",
    },
  };
}
