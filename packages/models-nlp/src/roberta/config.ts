import { type TextEncoderConfig, textEncoderDefaults } from "../text-encoder/config.ts";

/** A RoBERTa's shape, or an XLM-RoBERTa's, or a CamemBERT's. Fields are Hugging Face's `config.json` keys in camelCase. */
export interface RobertaConfig extends TextEncoderConfig {
  readonly modelType: keyof typeof robertaNames;
  readonly typeVocabSize: number;
}

/** What Hugging Face's library calls the classes of each. */
export const robertaNames = { roberta: "Roberta", "xlm-roberta": "XLMRoberta", camembert: "Camembert" } as const;

/** What Hugging Face fills in for keys that a `config.json` leaves out. */
export const robertaDefaults: RobertaConfig = {
  ...textEncoderDefaults,
  modelType: "roberta",
  vocabSize: 50265,
  typeVocabSize: 2,
  padTokenId: 1,
  tieWordEmbeddings: true,
};
