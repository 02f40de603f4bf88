/** What a ViT's `config.json` from timm may say. */
import type { KeyTable } from "@x/layers/model";
import { timmKeys } from "../image/timm-keys.ts";

export const timmViTKeys: KeyTable = timmKeys("ViT", {
  followed: [
    "img_size", "num_heads", "act_layer", "global_pool", "no_embed_class", "init_values", "proj_drop_rate", "attn_drop_rate", "drop_path_rate",
    "layer_norm_eps", "pooling", "position_interpolation", "branch_norm",
  ],
  kinds: { num_heads: "a number", act_layer: "a text", global_pool: "a text", no_embed_class: "true or false", branch_norm: "true or false" },
  passedOver: { "the weights' shapes say it": ["depth", "fc_norm", "class_token", "reg_tokens", "pos_embed", "pre_norm", "final_norm"] },
  refused: {
    pool_include_prefix: { unless: [false], because: "the class token isn't part of the mean" },
    qk_norm: { unless: [false], because: "queries and keys have no norm" },
    scale_attn_norm: { unless: [false], because: "attention has no norm inside" },
    scale_mlp_norm: { unless: [false], because: "the MLP has no norm inside" },
    proj_bias: { unless: [true], because: "projections have biases" },
    embed_norm_layer: { because: "patches have no norm" },
    block_fn: { because: "other blocks aren't here" },
    attn_layer: { unless: ["", "attn"], because: "another attention isn't here" },
  },
}); // prettier-ignore
