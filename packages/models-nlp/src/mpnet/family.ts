import type { Family } from "@x/layers/model";
import type { TextEncoderModel } from "../text-encoder/text-encoder.ts";
import { textEncoderFamily } from "../text-encoder/text-encoder-family.ts";
import { lmHeadTies } from "../text-encoder/weights.ts";
import { type MPNetConfig, mpNetDefaults } from "./config.ts";
import { mpNetLayouts } from "./weights.ts";

/** MPNet as Hugging Face's library has it. */
export const mpNetFamily: Family<MPNetConfig, TextEncoderModel<MPNetConfig>> = textEncoderFamily({
  model: "MPNet",
  defaults: mpNetDefaults,
  ties: lmHeadTies("mpnet"),
  layouts: ({ tieWordEmbeddings }) => [mpNetLayouts[tieWordEmbeddings === false ? 1 : 0]],
});
