import { type TextEncoderConfig, textEncoderDefaults } from "../text-encoder/config.ts";

/** An ELECTRA's shape, discriminator or generator. Fields are Hugging Face's `config.json` keys in camelCase. */
export interface ElectraConfig extends TextEncoderConfig {
  readonly modelType: "electra";
  /** Width E of the embeddings, which a linear layer takes to D where it isn't D. */
  readonly embeddingSize: number;
  readonly typeVocabSize: number;
}

/** ELECTRA-Small's discriminator: what Hugging Face fills in for keys that a `config.json` leaves out. */
export const electraDefaults: ElectraConfig = {
  ...textEncoderDefaults,
  modelType: "electra",
  vocabSize: 30522,
  embeddingSize: 128,
  hiddenSize: 256,
  numAttentionHeads: 4,
  intermediateSize: 1024,
  typeVocabSize: 2,
  padTokenId: 0,
  tieWordEmbeddings: true,
};
