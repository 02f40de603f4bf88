/** What a masked autoencoder's `config.json` may say. */
import { hubKeys, type JsonObject, type KeyTable } from "@x/layers/model";
import { timmKeys } from "../image/timm-keys.ts";
import { maeDefaults } from "./config.ts";

export const hubMAEKeys: KeyTable = hubKeys("MAE", maeDefaults);

export const facebookMAEKeys: KeyTable = timmKeys("MAE, and facebookresearch's", {
  followed: ["num_heads", "decoder_num_heads", "mask_ratio", "norm_pix_loss"],
  passedOver: { "the weights' shapes say it": ["depth", "decoder_embed_dim", "decoder_depth"] },
});

/** By its form: Hugging Face's has a `model_type`. */
export const maeKeys = (config: JsonObject): KeyTable => (config["model_type"] === undefined ? facebookMAEKeys : hubMAEKeys);
