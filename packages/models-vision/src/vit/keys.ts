/** What a ViT's `config.json` may say. */
import { hubKeys, type JsonObject, type KeyTable } from "@x/layers/model";
import { viTDefaults } from "./config.ts";

export const hubViTKeys: KeyTable = hubKeys("ViT, DeiT, MSN and DINOv2", viTDefaults, {
  followed: ["mlp_ratio"],
  passedOver: {
    "the pooler isn't here": ["pooler_act", "pooler_output_size"],
    "it is about pre-training, which is another class": [
      "encoder_stride", "decoder_hidden_size", "decoder_num_hidden_layers", "decoder_num_attention_heads", "decoder_intermediate_size", "mask_ratio", "norm_pix_loss",
      "use_mask_token",
    ],
    "it is about maps for other models": [
      "out_features", "out_indices", "_out_features", "_out_indices", "stage_names", "apply_layernorm", "reshape_hidden_states",
    ],
  },
}); // prettier-ignore

/** By its form: Hugging Face's has a `model_type`. timm's comes with the first file of theirs. */
export const viTKeys = async (config: JsonObject): Promise<KeyTable> =>
  config["model_type"] === undefined ? (await import("./timm-keys.ts")).timmViTKeys : hubViTKeys;
