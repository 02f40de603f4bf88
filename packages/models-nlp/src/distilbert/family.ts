import type { Family } from "@x/layers/model";
import type { TextEncoderModel } from "../text-encoder/text-encoder.ts";
import { textEncoderFamily } from "../text-encoder/text-encoder-family.ts";
import { type DistilBertConfig, distilBertDefaults } from "./config.ts";
import { distilBertLayouts } from "./weights.ts";

/** DistilBERT as Hugging Face's library has it. */
export const distilBertFamily: Family<DistilBertConfig, TextEncoderModel<DistilBertConfig>> = textEncoderFamily({
  model: "DistilBERT",
  defaults: distilBertDefaults,
  keys: { passedOver: { "the weights have the positions": ["sinusoidal_pos_embds", "tie_weights_"] } },
  ties: [["distilbert.embeddings.word_embeddings.weight", "vocab_projector.weight"]],
  layouts: () => distilBertLayouts,
  names: {
    dim: "hiddenSize",
    nLayers: "numHiddenLayers",
    nHeads: "numAttentionHeads",
    hiddenDim: "intermediateSize",
    activation: "hiddenAct",
    dropout: "hiddenDropoutProb",
    attentionDropout: "attentionProbsDropoutProb",
  },
});
