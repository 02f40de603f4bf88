import type { Family } from "@x/layers/model";
import type { TextEncoderModel } from "../text-encoder/text-encoder.ts";
import { textEncoderFamily } from "../text-encoder/text-encoder-family.ts";
import { predictionsTies } from "../text-encoder/weights.ts";
import { fNetChoices, type FNetConfig, fNetDefaults } from "./config.ts";
import { fNetLayouts } from "./weights.ts";

/** FNet as Hugging Face's library has it. Of `mixer`, `num_attention_layers`… that knows nothing: it passes over them. */
export const fNetFamily: Family<FNetConfig, TextEncoderModel<FNetConfig>> = textEncoderFamily({
  model: "FNet",
  defaults: fNetDefaults,
  choices: fNetChoices,
  keys: {
    passedOver: { "it is another way to the same numbers": ["use_tpu_fourier_optimizations", "tpu_short_seq_length"] },
  },
  ties: predictionsTies("fnet"),
  layouts: ({ tieWordEmbeddings }) => [fNetLayouts[tieWordEmbeddings === false ? 1 : 0]],
});
