/** WordPiece: the longest token that the word begins with, then the longest for the rest, … Schuster & Nakajima 2012; BERT §3. */
import { longestKey } from "./longest-key.ts";
import type { Piece, TokenModel } from "../stages/pipeline.ts";

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
  readonly #longest: number;

  constructor(options: WordPieceOptions) {
    this.#options = options;
    this.#longest = longestKey(options.vocabulary);
  }

  tokenize(word: string): Piece[] {
    const { unkId, maxWordLength } = this.#options;
    const unknown = [{ id: unkId, begin: 0, end: word.length }];
    if (word.length > maxWordLength && Array.from(word).length > maxWordLength) return unknown;
    const pieces: Piece[] = [];
    for (let begin = 0; begin < word.length;) {
      const piece = this.#longestAt(word, begin);
      if (!piece) return unknown;
      pieces.push(piece);
      begin = piece.end;
    }
    return pieces;
  }

  #longestAt(word: string, begin: number): Piece | undefined {
    const { vocabulary, continuingPrefix } = this.#options;
    const prefix = begin > 0 ? continuingPrefix : "";
    for (let end = Math.min(word.length, begin + this.#longest); end > begin; end--) {
      const id = vocabulary.get(prefix + word.slice(begin, end));
      if (id !== undefined) return { id, begin, end };
    }
    return undefined;
  }
}
