import { utf8Of } from "./byte-level.ts";
import type { Piece } from "./pipeline.ts";
import { endsStep, type Steps } from "./steps.ts";

/** The token of a byte: `<0xE2>`. */
export const byteToken = (byte: number): string => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;

/** The byte of such a token; undefined of any other. */
export function byteOf(token: string): number | undefined {
  const [, digits] = /^<0x([0-9A-F]{2})>$/.exec(token) ?? [];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}

/** Unknown characters as the tokens of their UTF-8 bytes, each standing for the whole character. What has no such tokens stays unknown. */
export function byteFallback(
  unkId: number,
  vocabulary: ReadonlyMap<string, number>,
): (word: string, pieces: readonly Piece[]) => Steps<Piece[]> {
  const idsOfBytes = Array.from({ length: 256 }, (_, byte) => vocabulary.get(byteToken(byte)));
  return function* (word, pieces) {
    const known: Piece[] = [];
    for (const [i, piece] of pieces.entries()) {
      if (endsStep(i)) yield;
      if (piece.id !== unkId) {
        known.push(piece);
        continue;
      }
      let begin = piece.begin;
      for (const character of word.slice(piece.begin, piece.end)) {
        const place = { begin, end: (begin += character.length) };
        const ids = utf8Of(character).map((byte) => idsOfBytes[byte]);
        for (const id of ids.includes(undefined) ? [unkId] : ids) known.push({ id: id ?? unkId, ...place });
      }
    }
    return known;
  };
}
