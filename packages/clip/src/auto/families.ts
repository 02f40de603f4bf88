import type { AutoFamilies } from "@x/layers/model";
import type { CLIP } from "../clip.ts";
import { fieldOf, towerOf } from "../open-clip/fields.ts";
import type { SigLIP } from "../siglip/siglip.ts";

/** What models can do, by their heads. */
export interface ImageTextHeads {
  readonly Model: CLIP | SigLIP;
}

/** A line for each `model_type`. */
export const imageTextFamilies: AutoFamilies<ImageTextHeads> = {
  families: {
    clip: async () => ({ Model: (await import("../clip.ts")).CLIP }),
    siglip: async () => ({ Model: (await import("../siglip/siglip.ts")).SigLIP }),
    siglip2: async () => ({ Model: (await import("../siglip/siglip.ts")).SigLIP }), // which says what of it is here
  },
  files: {
    "open_clip_config.json": {
      family: (json) => (String(fieldOf(towerOf(json, "vision_cfg"), "timm_model_name")).includes("siglip") ? "siglip" : "clip"),
    },
  },
  entries: { "visual.trunk.attn_pool.latent": "siglip", text_projection: "clip" },
};
