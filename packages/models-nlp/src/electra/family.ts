import type { Family } from "@x/layers/model";
import type { TextEncoderModel } from "../text-encoder/text-encoder.ts";
import { absolutePositions, textEncoderFamily } from "../text-encoder/text-encoder-family.ts";
import { type ElectraConfig, electraDefaults } from "./config.ts";
import { electraLayouts } from "./weights.ts";

/** ELECTRA as Hugging Face's library has it. */
export const electraFamily: Family<ElectraConfig, TextEncoderModel<ElectraConfig>> = textEncoderFamily({
  model: "ELECTRA",
  defaults: electraDefaults,
  keys: {
    ...absolutePositions,
    passedOver: {
      "it is about choosing among several texts": [
        "summary_type",
        "summary_use_proj",
        "summary_activation",
        "summary_last_dropout",
        "summary_first_dropout",
        "summary_proj_to_labels",
      ],
    },
  },
  ties: [["electra.embeddings.word_embeddings.weight", "generator_lm_head.weight"]],
  layouts: () => electraLayouts,
});
