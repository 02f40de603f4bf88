import { type TransformerConfig, transformerDefaults } from "../transformer/config.ts";

/** A Marian model's shape. Fields are Hugging Face's `config.json` keys in camelCase. */
export interface MarianConfig extends TransformerConfig {
  /** Deviation of fresh weights. */
  readonly initStd: number;
}

/** What Hugging Face fills in for keys that a `config.json` leaves out. The opus-mt models say all that matters themselves. */
export const marianDefaults: MarianConfig = {
  ...transformerDefaults,
  vocabSize: 58101,
  decoderVocabSize: 58101,
  dModel: 1024,
  encoderLayers: 12,
  decoderLayers: 12,
  encoderAttentionHeads: 16,
  decoderAttentionHeads: 16,
  encoderFfnDim: 4096,
  decoderFfnDim: 4096,
  activationFunction: "gelu",
  scaleEmbedding: false,
  padTokenId: 58100,
  eosTokenId: 0,
  decoderStartTokenId: 58100,
  maxPositionEmbeddings: 1024,
  initStd: 0.02,
};
