import type { Piece } from "./pipeline.ts";

/** The token of a byte: `<0xE2>`. */
export const byteToken = (byte: number): string => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;

/** The byte of such a token; undefined of any other. */
export function byteOf(token: string): number | undefined {
  const [, digits] = /^<0x([0-9A-F]{2})>$/.exec(token) ?? [];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}

/** Unknown characters as the tokens of their UTF-8 bytes, each standing for the whole character. What has no such tokens stays unknown. */
export function bytesOfUnknown(word: string, pieces: readonly Piece[], unkId: number, vocabulary: ReadonlyMap<string, number>): Piece[] {
  return pieces.flatMap((piece) => {
    if (piece.id !== unkId) return [piece];
    let begin = piece.begin;
    return Array.from(word.slice(piece.begin, piece.end)).flatMap((character) => {
      const place = { begin, end: (begin += character.length) };
      const ids = Array.from(new TextEncoder().encode(character), (byte) => vocabulary.get(byteToken(byte)));
      return ids.every((id) => id !== undefined) ? ids.map((id) => ({ id, ...place })) : [{ id: unkId, ...place }];
    });
  });
}
