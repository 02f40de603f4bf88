/** A text, or a pair of texts, as ids. Every array has one entry a token. */
export interface Encoding {
  readonly ids: readonly number[];
  /** 0 for the first text and what belongs to it, 1 for the second. */
  readonly typeIds: readonly number[];
  /** Where each token stands in its own text: [begin, end) in UTF-16 units, so that `text.slice(begin, end)` is what it came from; [0, 0] for special tokens. */
  readonly offsets: readonly (readonly [begin: number, end: number])[];
  /** 0 or 1: which text each token came from; null for special tokens. */
  readonly sequenceIds: readonly (0 | 1 | null)[];
  /** Number of the word in its text, counted in what pre-tokenization gives; null for special tokens. */
  readonly wordIds: readonly (number | null)[];
}

export interface EncodeOptions {
  /** A second text: `[CLS] text [SEP] pair [SEP]`. */
  readonly pair?: string | undefined;
  /** Whether the template's special tokens are put around. Default true. */
  readonly addSpecialTokens?: boolean | undefined;
  /** Most tokens, special ones included. Default: what the tokenizer's files declare. */
  readonly maxLength?: number | undefined;
  /** What happens to a longer text. Default "error". */
  readonly truncation?: Truncation | undefined;
}

/** "error" throws; "longestFirst" takes tokens from the longer text's end until it fits; "first" and "second" only from that text's. */
export type Truncation = "error" | "longestFirst" | "first" | "second";

export interface WindowOptions extends Omit<EncodeOptions, "truncation"> {
  /** Tokens that neighbouring windows share. Default 0. */
  readonly stride?: number | undefined;
  /** Which text is cut into windows; the other stands whole in each. Default: the pair if there is one. */
  readonly window?: "first" | "second" | undefined;
}
