/** The unigram language model: of all ways to cut a word into tokens, the one whose scores (log probabilities) sum highest. Kudo 2018, Viterbi. */
import type { Piece, TokenModel } from "../stages/pipeline.ts";
import { endsStep, type Steps } from "../stages/steps.ts";
import { PrefixTree } from "./prefix-tree.ts";

export interface UnigramOptions {
  /** Tokens that may be found in a word. */
  readonly tokens: ReadonlyMap<string, { readonly id: number; readonly score: number }>;
  readonly unkId: number;
  /** Score of a character that is no token. */
  readonly unkScore: number;
  /** Rounds a sum: `Math.fround` where the original adds in float32. */
  readonly round: (sum: number) => number;
}

export class Unigram implements TokenModel {
  readonly #options: UnigramOptions;
  /** Values are places in the lists of ids and scores. */
  readonly #tree: PrefixTree;
  readonly #ids: Int32Array;
  readonly #scores: Float64Array;

  /** @throws TokenizerError when a token is too long */
  constructor(options: UnigramOptions) {
    this.#options = options;
    const tokens = [...options.tokens];
    this.#tree = new PrefixTree(tokens.map(([token], i) => [token, i]));
    this.#ids = Int32Array.from(tokens, ([, { id }]) => id);
    this.#scores = Float64Array.from(tokens, ([, { score }]) => score);
  }

  *tokenize(word: string): Steps<Piece[]> {
    const [begins, ids] = yield* this.#bestEndings(word);
    const pieces: Piece[] = [];
    for (let end = word.length; end > 0;) {
      const begin = begins[end] as number;
      pieces.push({ id: ids[end] as number, begin, end });
      if (endsStep(pieces.length)) yield;
      end = begin;
    }
    return pieces.reverse();
  }

  /** For each position, the best way to arrive there: where its last piece begins, and which it is. Of equals, the one that was found first. */
  *#bestEndings(word: string): Steps<[begins: Int32Array, ids: Int32Array]> {
    const { unkId, unkScore, round } = this.#options;
    const tree = this.#tree;
    const begins = new Int32Array(word.length + 1).fill(-1);
    const ids = new Int32Array(word.length + 1);
    const best = new Float64Array(word.length + 1);
    const offer = (id: number, begin: number, end: number, gain: number): void => {
      const score = round((best[begin] as number) + gain);
      if ((begins[end] as number) >= 0 && !(score > (best[end] as number))) return;
      best[end] = score;
      begins[end] = begin;
      ids[end] = id;
    };
    let [begin, count] = [0, 0];
    for (const { length } of word) {
      if (endsStep(count++)) yield;
      let isToken = false;
      for (let end = begin + 1, node = 0; end <= word.length; end++) {
        node = tree.step(node, word.charCodeAt(end - 1));
        if (node < 0) break;
        const token = tree.valueAt(node);
        if (token < 0) continue;
        offer(this.#ids[token] as number, begin, end, this.#scores[token] as number);
        isToken ||= end === begin + length;
      }
      if (!isToken) offer(unkId, begin, begin + length, unkScore);
      begin += length;
    }
    return [begins, ids];
  }
}

/** Neighbouring unknowns as one. */
export function* fuseUnknown(pieces: readonly Piece[], unkId: number): Steps<Piece[]> {
  const fused: Piece[] = [];
  for (const [i, piece] of pieces.entries()) {
    if (endsStep(i)) yield;
    const last = fused.at(-1);
    if (last && last.id === unkId && piece.id === unkId) fused[fused.length - 1] = { ...last, end: piece.end };
    else fused.push(piece);
  }
  return fused;
}
