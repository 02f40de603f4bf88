import type { AutoFamilies } from "@x/layers/model";
import type { CLIP } from "../clip.ts";
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
  },
  files: { "open_clip_config.json": { family: "clip" } },
  entries: { text_projection: "clip" },
};
