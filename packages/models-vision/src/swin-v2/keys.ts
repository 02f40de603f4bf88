/** What a Swin V2's `config.json` may say. */
import { hubKeys, type JsonObject, type KeyTable } from "@x/layers/model";
import { timmKeys } from "../image/timm-keys.ts";
import { swinV2Defaults } from "./config.ts";

export const hubSwinV2Keys: KeyTable = hubKeys("Swin V2", swinV2Defaults, {
  passedOver: {
    "`depths` and `embed_dim` say it": ["num_layers", "num_hidden_layers", "hidden_size", "num_attention_heads"],
    "it is about maps for other models": ["out_features", "out_indices", "_out_features", "_out_indices", "stage_names"],
    "it is about pre-training, which is another class": ["encoder_stride"],
  },
  refused: { path_norm: { unless: [true], because: "patches always have a norm" } },
});

export const timmSwinV2Keys: KeyTable = timmKeys("Swin V2, and Microsoft's", {
  followed: [
    "img_size",
    "window_size",
    "pretrained_window_sizes",
    "always_partition",
    "act_layer",
    "proj_drop_rate",
    "attn_drop_rate",
    "drop_path_rate",
    "layer_norm_eps",
  ],
  passedOver: {
    "the weights' shapes say it": ["depths", "num_heads"],
    "it says how fast": ["use_checkpoint"],
  },
  refused: {
    global_pool: { unless: ["avg"], because: "the head sees the mean of all tokens" },
    ape: { unless: [false], because: "there are no absolute positions" },
    patch_norm: { unless: [true], because: "patches always have a norm" },
  },
});

/** By its form: Hugging Face's has a `model_type`. */
export const swinV2Keys = (config: JsonObject): KeyTable => (config["model_type"] === undefined ? timmSwinV2Keys : hubSwinV2Keys);
