import { type BertConfig, bertDefaults } from "../bert/config.ts";

/** A ColBERT's shape: BERT's, the width of its vectors, and what `artifact.metadata` says of texts. */
export interface ColBERTConfig extends BertConfig {
  /** Numbers of a token's vector. */
  readonly dim: number;
  /** Tokens of every query, special ones and `[MASK]`s included. */
  readonly queryMaxlen: number;
  /** Most tokens of a passage. */
  readonly docMaxlen: number;
  /** What stands behind the first token of a query. */
  readonly queryTokenId: string;
  /** … and of a passage. */
  readonly docTokenId: string;
  /** Whether punctuation of a passage is left out when vectors are compared. */
  readonly maskPunctuation: boolean;
  /** Whether a query's other tokens see the `[MASK]`s behind it. */
  readonly attendToMaskTokens: boolean;
}

/** What the authors' code fills in: `colbert-ir/colbertv2.0`, but for its passages of 180 tokens. */
export const colbertDefaults: ColBERTConfig = {
  ...bertDefaults,
  dim: 128,
  queryMaxlen: 32,
  docMaxlen: 220,
  queryTokenId: "[unused0]",
  docTokenId: "[unused1]",
  maskPunctuation: true,
  attendToMaskTokens: false,
};
