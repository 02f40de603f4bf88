/** WordPiece: the longest token that the word begins with, then the longest for the rest, … Schuster & Nakajima 2012; BERT §3. */
import type { Piece, TokenModel } from "../stages/pipeline.ts";
import { endsStep, type Steps } from "../stages/steps.ts";
import { PrefixTree } from "./prefix-tree.ts";

export interface WordPieceOptions {
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly unkId: number;
  /** What a token inside a word begins with. */
  readonly continuingPrefix: string;
  /** Longer words, in characters, are unknown. */
  readonly maxWordLength: number;
}

export class WordPiece implements TokenModel {
  readonly #options: WordPieceOptions;
  readonly #tree: PrefixTree;
  /** Where tokens inside a word begin. */
  readonly #inside: number;

  /** @throws TokenizerError when a token is too long */
  constructor(options: WordPieceOptions) {
    this.#options = options;
    this.#tree = new PrefixTree(options.vocabulary);
    this.#inside = this.#tree.find(options.continuingPrefix);
  }

  *tokenize(word: string): Steps<Piece[]> {
    const { vocabulary, continuingPrefix, unkId, maxWordLength } = this.#options;
    const unknown = [{ id: unkId, begin: 0, end: word.length }];
    if (word.length > maxWordLength && Array.from(word).length > maxWordLength) return unknown;
    const pieces: Piece[] = [];
    for (let begin = 0; begin < word.length;) {
      const from = begin > 0 ? this.#inside : 0;
      const end = from < 0 ? -1 : this.#tree.longestEnd(word, begin, from);
      if (end < 0) return unknown;
      const id = vocabulary.get((begin > 0 ? continuingPrefix : "") + word.slice(begin, end));
      pieces.push({ id: id ?? unkId, begin, end });
      if (endsStep(pieces.length)) yield;
      begin = end;
    }
    return pieces;
  }
}
