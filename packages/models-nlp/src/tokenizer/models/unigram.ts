/** The unigram language model: of all ways to cut a word into tokens, the one whose scores (log probabilities) sum highest. Kudo 2018, Viterbi. */
import { longestKey } from "./longest-key.ts";
import type { Piece, TokenModel } from "../stages/pipeline.ts";

export interface UnigramOptions {
  /** Tokens that may be found in a word. */
  readonly tokens: ReadonlyMap<string, { readonly id: number; readonly score: number }>;
  readonly unkId: number;
  /** Score of a character that is no token. */
  readonly unkScore: number;
  /** Rounds a sum: `Math.fround` where the original adds in float32. */
  readonly round: (sum: number) => number;
}

interface Best {
  readonly score: number;
  readonly piece: Piece;
}

export class Unigram implements TokenModel {
  readonly #options: UnigramOptions;
  readonly #longest: number;

  constructor(options: UnigramOptions) {
    this.#options = options;
    this.#longest = longestKey(options.tokens);
  }

  tokenize(word: string): Piece[] {
    const best = this.#bestEndings(word);
    const pieces: Piece[] = [];
    for (let end = word.length; end > 0;) {
      const { piece } = best[end] as Best;
      pieces.push(piece);
      end = piece.begin;
    }
    return pieces.reverse();
  }

  /** For each position, the best way to arrive there, by its last piece. Of equals, the one that was found first. */
  #bestEndings(word: string): (Best | undefined)[] {
    const { tokens, unkId, unkScore, round } = this.#options;
    const best: (Best | undefined)[] = Array.from({ length: word.length + 1 });
    const offer = (id: number, begin: number, end: number, gain: number): void => {
      const score = round((best[begin]?.score ?? 0) + gain);
      const found = best[end];
      if (!found || score > found.score) best[end] = { score, piece: { id, begin, end } };
    };
    let begin = 0;
    for (const { length } of word) {
      for (let end = begin + 1; end <= Math.min(word.length, begin + this.#longest); end++) {
        const token = tokens.get(word.slice(begin, end));
        if (token) offer(token.id, begin, end, token.score);
      }
      if (!tokens.has(word.slice(begin, begin + length))) offer(unkId, begin, begin + length, unkScore);
      begin += length;
    }
    return best;
  }
}

/** Neighbouring unknowns as one. */
export function fuseUnknown(pieces: readonly Piece[], unkId: number): Piece[] {
  const fused: Piece[] = [];
  for (const piece of pieces) {
    const last = fused.at(-1);
    if (last && last.id === unkId && piece.id === unkId) fused[fused.length - 1] = { ...last, end: piece.end };
    else fused.push(piece);
  }
  return fused;
}
