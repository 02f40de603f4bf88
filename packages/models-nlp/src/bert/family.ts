import type { Family } from "@x/layers/model";
import type { TextEncoderModel } from "../text-encoder/text-encoder.ts";
import { absolutePositions, textEncoderFamily } from "../text-encoder/text-encoder-family.ts";
import { predictionsTies } from "../text-encoder/weights.ts";
import { type BertConfig, bertDefaults } from "./config.ts";
import { bertLayouts } from "./weights.ts";

/** BERT as Hugging Face's library has it. */
export const bertFamily: Family<BertConfig, TextEncoderModel<BertConfig>> = textEncoderFamily({
  model: "BERT",
  defaults: bertDefaults,
  keys: absolutePositions,
  ties: predictionsTies("bert"),
  layouts: ({ tieWordEmbeddings }) => [bertLayouts[tieWordEmbeddings === false ? 1 : 0]],
});
