import type { AddedToken } from "./added-tokens.ts";
import type { AlignedText } from "./aligned-text.ts";
import type { Steps } from "./steps.ts";
import type { Template, Trims } from "./template.ts";

/** The stages between a text and its ids, whatever files they were read from. */
export interface Pipeline {
  /** Ids by token, without the added ones. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** Tokens that are found in a text as they stand, before anything else looks at it. */
  readonly addedTokens: readonly AddedToken[];
  /** Done to a whole text before added tokens are looked for. Default nothing. */
  readonly clean?: Normalizer | undefined;
  readonly normalize: Normalizer;
  readonly preTokenize: PreTokenizer;
  readonly model: TokenModel;
  readonly template: Template;
  /** Whether tokens' places leave out the spaces at their ends, and whether one of those stays that a text begins with. Default: they don't. */
  readonly trims?: Trims | undefined;
  /** Tokens → text. */
  decode(tokens: readonly string[]): string;
}

export type Normalizer = (text: AlignedText) => Steps<AlignedText>;

/** Text → words, in order; what is in none of them is dropped. */
export type PreTokenizer = (text: AlignedText) => Steps<AlignedText[]>;

/** Cuts one word into tokens. */
export interface TokenModel {
  /** Whether it is byte-pair encoding: what it decodes to isn't cleaned up, because its spaces are the text's own. Default false. */
  readonly isBytePair?: boolean | undefined;
  tokenize(word: string): Steps<Piece[]>;
}

/** A token and the units [begin, end) of the word that it stands for. */
export interface Piece {
  readonly id: number;
  readonly begin: number;
  readonly end: number;
}
