import type { Piece, TokenModel } from "../stages/pipeline.ts";
import { atOnce, endsStep, type Steps } from "../stages/steps.ts";
import type { SentencePiece } from "./sentence-piece.ts";

/** ALBERT's and FNet's rule: a piece that ends in a digit and a comma, such as `▁2012,`, is cut again without the comma, which stands apart. */
export function resplitNumbers(pieces: SentencePiece): TokenModel {
  const comma = pieces.vocabulary.get(",") ?? pieces.unkId;
  const resplit = (word: string, piece: Piece): Piece[] => {
    const text = word.slice(piece.begin, piece.end);
    if (piece.id === pieces.unkId || !/\p{Nd},$/u.test(text)) return [piece];
    const number = text.slice(0, -1).replace("▁", "");
    const shift = piece.begin + text.length - 1 - number.length; // where the number stands in the word
    const marked = text.startsWith("▁");
    const cut = atOnce(pieces.tokenize(`▁${number}`)).flatMap(({ id, begin, end }) => {
      const place = { begin: begin - 1 + shift, end: end - 1 + shift };
      if (marked || begin > 0) return [{ id, ...place }];
      const bare = pieces.vocabulary.get(number.slice(0, end - 1)) ?? pieces.unkId; // the piece without its ▁
      return end > 1 ? [{ id: bare, begin: shift, end: place.end }] : [];
    });
    return [...cut, { id: comma, begin: piece.end - 1, end: piece.end }];
  };
  function* tokenize(word: string): Steps<Piece[]> {
    const resplitted: Piece[] = [];
    for (const [i, piece] of (yield* pieces.tokenize(word)).entries()) {
      resplitted.push(...resplit(word, piece));
      if (endsStep(i)) yield;
    }
    return resplitted;
  }
  return { tokenize };
}
