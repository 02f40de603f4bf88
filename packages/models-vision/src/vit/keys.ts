/** What a ViT's `config.json` may say. */
import { hubKeys, type JsonObject, type KeyTable } from "@x/layers/model";
import { timmKeys } from "../image/timm-keys.ts";
import { viTDefaults } from "./config.ts";

export const hubViTKeys: KeyTable = hubKeys("ViT and DeiT", viTDefaults, {
  passedOver: {
    "the pooler isn't here": ["pooler_act", "pooler_output_size"],
    "it is about pre-training, which is another class": [
      "encoder_stride", "decoder_hidden_size", "decoder_num_hidden_layers", "decoder_num_attention_heads", "decoder_intermediate_size", "mask_ratio", "norm_pix_loss",
    ],
  },
}); // prettier-ignore

export const timmViTKeys: KeyTable = timmKeys("ViT", {
  followed: ["num_heads"],
  passedOver: { "the weights' shapes say it": ["depth", "global_pool", "fc_norm"] },
  refused: {
    class_token: { unless: [true], because: "a ViT without a class token isn't here" },
    reg_tokens: { unless: [0], because: "register tokens aren't here" },
    pos_embed: { unless: ["learn"], because: "only learned positions are here" },
    no_embed_class: { unless: [false], because: "the class token has a position" },
    pre_norm: { unless: [false], because: "there is no norm before the blocks" },
    final_norm: { unless: [true], because: "there is always a norm behind the blocks" },
    pool_include_prefix: { unless: [false], because: "the class token isn't part of the mean" },
    init_values: { because: "LayerScale isn't here" },
    qk_norm: { unless: [false], because: "queries and keys have no norm" },
    scale_attn_norm: { unless: [false], because: "attention has no norm inside" },
    scale_mlp_norm: { unless: [false], because: "the MLP has no norm inside" },
    proj_bias: { unless: [true], because: "projections have biases" },
    embed_norm_layer: { because: "patches have no norm" },
    block_fn: { because: "other blocks aren't here" },
    attn_layer: { because: "another attention isn't here" },
  },
});

/** By its form: Hugging Face's has a `model_type`. */
export const viTKeys = (config: JsonObject): KeyTable => (config["model_type"] === undefined ? timmViTKeys : hubViTKeys);
