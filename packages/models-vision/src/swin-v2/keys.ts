/** What a Swin V2's `config.json` may say. */
import type { JsonObject, KeyTable } from "@x/layers/model";
import { timmKeys } from "../image/timm-keys.ts";
import { hubSwinKeysOf, timmSwinFollowed } from "../swin/keys.ts";
import { swinV2Defaults } from "./config.ts";

export const hubSwinV2Keys: KeyTable = hubSwinKeysOf("Swin V2", swinV2Defaults);

export const timmSwinV2Keys: KeyTable = timmKeys("Swin V2, and Microsoft's", {
  followed: [...timmSwinFollowed, "window_size", "pretrained_window_sizes", "always_partition", "act_layer"],
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
