import { type TextEncoderConfig, textEncoderDefaults } from "../text-encoder/config.ts";

/** An MPNet's shape. Fields are Hugging Face's `config.json` keys in camelCase. */
export interface MPNetConfig extends TextEncoderConfig {
  readonly modelType: "mpnet";
  /** Rows of the table of relative positions. Distances are told apart in 32 ways, whatever this says: as Hugging Face's library does. */
  readonly relativeAttentionNumBuckets: number;
}

/** What Hugging Face fills in for keys that a `config.json` leaves out. */
export const mpNetDefaults: MPNetConfig = {
  ...textEncoderDefaults,
  modelType: "mpnet",
  vocabSize: 30527,
  relativeAttentionNumBuckets: 32,
  padTokenId: 1,
  tieWordEmbeddings: true,
};
