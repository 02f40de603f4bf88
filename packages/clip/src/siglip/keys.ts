/** What SigLIP's `config.json` may say. */
import { hubKeys, type KeyTable, keyTable } from "@x/layers/model";
import { openCLIPKeys } from "../keys.ts";
import { sigLIPTextDefaults, sigLIPVisionDefaults } from "./config.ts";

const initialization = "it says how weights begin";

export const sigLIPKeys: KeyTable = hubKeys("SigLIP", {}, {
  passedOver: { [initialization]: ["initializer_factor", "initializer_range"] },
  nested: {
    text_config: hubKeys("SigLIP: text_config", sigLIPTextDefaults, { passedOver: { "the tokenizer says it": ["bos_token_id", "eos_token_id"] } }),
    vision_config: hubKeys("SigLIP: vision_config", sigLIPVisionDefaults, {
      refused: { vision_use_head: { unless: [true], because: "images' features are pooled by the head" } },
    }),
  },
}); // prettier-ignore

const of = (table: KeyTable | undefined, key: string): KeyTable => table?.nested?.[key] ?? { file: "", followed: [] };
const [model, preprocess] = [of(openCLIPKeys, "model_cfg"), of(openCLIPKeys, "preprocess_cfg")];

/** What of CLIP's is otherwise in `open_clip_config.json`. */
export const openSigLIPKeys: KeyTable = {
  file: "open_clip_config.json of SigLIP",
  followed: [],
  nested: {
    model_cfg: keyTable(
      "open_clip_config.json of SigLIP: model_cfg",
      {
        passedOver: { [initialization]: ["init_logit_bias"] },
        refused: { custom_text: { unless: [true], because: "a SigLIP's text encoder has names of its own" } },
        nested: {
          vision_cfg: keyTable(
            "open_clip_config.json of SigLIP: vision_cfg",
            {
              followed: ["timm_model_name", "image_size"],
              kinds: { image_size: "a number, or several" },
              passedOver: { "it is about parts that aren't here": ["head_width", "no_ln_pre", "final_ln_after_pool", "pool_type"] },
              refused: {
                timm_pool: { unless: ["map"], because: "images' features are pooled by attention" },
                timm_proj: { unless: ["none", ""], because: "images' features aren't projected" },
              },
            },
            of(model, "vision_cfg"),
          ),
          text_cfg: keyTable(
            "open_clip_config.json of SigLIP: text_cfg",
            {
              refused: {
                pool_type: { unless: ["last"], because: "a text's feature is its last token's" },
                no_causal_mask: { unless: [true], because: "tokens see each other" },
                proj_bias: { unless: [true], because: "the projection has a bias" },
              },
            },
            of(model, "text_cfg"),
          ),
        },
      },
      model,
    ),
    preprocess_cfg: preprocess,
  },
};
