import { type MarianConfig, marianDefaults } from "../marian/config.ts";

/** An M2M-100's shape, or an NLLB's. Fields are Hugging Face's `config.json` keys in camelCase. */
export interface M2M100Config extends MarianConfig {}

/** M2M-100 of 418 million parameters: what Hugging Face fills in for keys that a `config.json` leaves out. */
export const m2m100Defaults: M2M100Config = {
  ...marianDefaults,
  vocabSize: 128112,
  decoderVocabSize: 128112,
  activationFunction: "relu",
  attentionDropout: 0.1,
  normalizeBefore: true,
  addFinalLayerNorm: true,
  scaleEmbedding: true,
  padTokenId: 1,
  eosTokenId: 2,
  decoderStartTokenId: 2,
};
