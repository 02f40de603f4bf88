import type { AutoFamilies } from "@x/layers/model";
import type { CLIP } from "../clip.ts";

/** What models can do, by their heads. */
export interface ImageTextHeads {
  readonly Model: CLIP;
}

/** A line for each `model_type`. */
export const imageTextFamilies: AutoFamilies<ImageTextHeads> = {
  families: {
    clip: async () => ({ Model: (await import("../clip.ts")).CLIP }),
  },
  files: { "open_clip_config.json": "clip" },
  entries: { text_projection: "clip" },
};
