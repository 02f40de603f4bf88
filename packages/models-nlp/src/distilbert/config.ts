import { type TextEncoderConfig, textEncoderDefaults } from "../text-encoder/config.ts";

/** A DistilBERT's shape, under BERT's names; `config.json` calls some of it otherwise. */
export interface DistilBertConfig extends TextEncoderConfig {
  readonly modelType: "distilbert";
  /** Dropout before the answers' layer. */
  readonly qaDropout: number;
  /** Dropout before the last layer of a classifier of texts. */
  readonly seqClassifDropout: number;
}

/** What Hugging Face fills in for keys that a `config.json` leaves out: DistilBERT-Base, uncased. */
export const distilBertDefaults: DistilBertConfig = {
  ...textEncoderDefaults,
  modelType: "distilbert",
  vocabSize: 30522,
  numHiddenLayers: 6,
  padTokenId: 0,
  qaDropout: 0.1,
  seqClassifDropout: 0.2,
  tieWordEmbeddings: true,
};
