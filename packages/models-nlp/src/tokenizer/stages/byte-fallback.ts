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

/** What is unknown as the tokens of its UTF-8 bytes, each standing for the whole of it. What has no such tokens stays unknown. */
export function byteFallback(
  unkId: number,
  vocabulary: ReadonlyMap<string, number>,
): (word: string, pieces: readonly Piece[]) => Steps<Piece[]> {
  const idsOfBytes = Array.from({ length: 256 }, (_, byte) => vocabulary.get(byteToken(byte)));
  return function* (word, pieces) {
    const known: Piece[] = [];
    for (const [i, piece] of pieces.entries()) {
      if (endsStep(i)) yield;
      const text = piece.id === unkId ? word.slice(piece.begin, piece.end) : "";
      if (piece.id !== unkId || vocabulary.has(text)) {
        known.push(piece); // [UNK] itself may stand in a text
        continue;
      }
      const ids: number[] = [];
      for (const character of text) {
        for (const byte of utf8Of(character)) ids.push(idsOfBytes[byte] ?? -1);
        if (endsStep(ids.length)) yield;
      }
      if (ids.includes(-1)) known.push(piece);
      else for (const id of ids) known.push({ ...piece, id });
    }
    return known;
  };
}
