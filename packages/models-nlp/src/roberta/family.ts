import type { Family } from "@x/layers/model";
import type { TextEncoderModel } from "../text-encoder/text-encoder.ts";
import { absolutePositions, textEncoderFamily } from "../text-encoder/text-encoder-family.ts";
import { lmHeadTies } from "../text-encoder/weights.ts";
import { type RobertaConfig, robertaDefaults, robertaNames } from "./config.ts";
import { robertaLayouts } from "./weights.ts";

/** RoBERTa, XLM-RoBERTa and CamemBERT as Hugging Face's library has them. */
export const robertaFamily: Family<RobertaConfig, TextEncoderModel<RobertaConfig>> = textEncoderFamily({
  model: "RoBERTa",
  modelTypes: Object.keys(robertaNames),
  defaults: robertaDefaults,
  keys: absolutePositions,
  ties: lmHeadTies("roberta"),
  layouts: ({ tieWordEmbeddings }) => [robertaLayouts[tieWordEmbeddings === false ? 1 : 0]],
});
