/** What SigLIP's `config.json` may say. */
import { hubKeys, type KeyTable } from "@x/layers/model";
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
