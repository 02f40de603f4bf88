import { type TextEncoderConfig, textEncoderDefaults } from "../text-encoder/config.ts";

/** A BERT's shape. Fields are Hugging Face's `config.json` keys in camelCase. */
export interface BertConfig extends TextEncoderConfig {
  readonly modelType: "bert";
  readonly typeVocabSize: number;
}

/** BERT-Base, uncased: what Hugging Face fills in for keys that a `config.json` leaves out. */
export const bertDefaults: BertConfig = {
  ...textEncoderDefaults,
  modelType: "bert",
  vocabSize: 30522,
  typeVocabSize: 2,
  padTokenId: 0,
  tieWordEmbeddings: true,
};
