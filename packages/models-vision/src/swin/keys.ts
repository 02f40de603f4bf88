/** What a Swin's `config.json` may say. */
import { hubKeys, type JsonObject, type KeyTable } from "@x/layers/model";
import { timmKeys } from "../image/timm-keys.ts";
import { type SwinConfig, swinDefaults } from "./config.ts";

/** Hugging Face's, of any version. */
export const hubSwinKeysOf = (model: string, defaults: SwinConfig): KeyTable =>
  hubKeys(model, defaults, {
    passedOver: {
      "`depths` and `embed_dim` say it": ["num_layers", "num_hidden_layers", "hidden_size", "num_attention_heads"],
      "it is about maps for other models": ["out_features", "out_indices", "_out_features", "_out_indices", "stage_names"],
      "it is about pre-training, which is another class": ["encoder_stride"],
    },
    refused: { path_norm: { unless: [true], because: "patches always have a norm" } },
  });

/** What timm's and Microsoft's, of any version, follow. */
export const timmSwinFollowed: readonly string[] = ["img_size", "proj_drop_rate", "attn_drop_rate", "drop_path_rate", "layer_norm_eps"];

export const hubSwinKeys: KeyTable = hubSwinKeysOf("Swin", swinDefaults);

export const timmSwinKeys: KeyTable = timmKeys("Swin, and Microsoft's", {
  followed: [...timmSwinFollowed, "hidden_act"],
  passedOver: {
    "the weights' shapes say it": ["depths", "num_heads", "window_size", "ape", "global_pool"],
    "it says how fast": ["use_checkpoint", "fused_window_process"],
  },
  refused: {
    head_dim: { because: "the stage's width is shared out among its heads" },
    qk_scale: { because: "products are divided by the root of a head's width" },
    always_partition: { unless: [false], because: "a map that fits in one window isn't cut" },
    patch_norm: { unless: [true], because: "patches always have a norm" },
  },
});

/** By its form: Hugging Face's has a `model_type`. */
export const swinKeys = (config: JsonObject): KeyTable => (config["model_type"] === undefined ? timmSwinKeys : hubSwinKeys);
