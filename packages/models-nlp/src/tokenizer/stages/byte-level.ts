/** GPT-2's way of writing bytes as letters: printable Latin-1 stands for itself, the rest for U+0100 and on. Radford et al. 2019. */

const isPrintable = (byte: number): boolean => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;

/** The letter of each byte. */
export const byteLetters: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  if (isPrintable(byte)) return String.fromCharCode(byte);
  const rank = Array.from({ length: byte }, (__, lower) => lower).filter((lower) => !isPrintable(lower)).length;
  return String.fromCharCode(256 + rank);
});

const byteOfLetter: ReadonlyMap<string, number> = new Map(byteLetters.map((letter, byte) => [letter, byte]));

/** The letters in the order of CLIP's vocabulary: first those that stand for themselves. */
export const lettersInOrder = (): string[] => [...byteLetters].sort((a, b) => a.charCodeAt(0) - b.charCodeAt(0));

/** A character's UTF-8 bytes as letters. */
export function toByteLetters(character: string): string {
  let letters = "";
  for (const byte of utf8Of(character)) letters += byteLetters[byte];
  return letters;
}

/** A character's UTF-8 bytes; of half a surrogate pair those of U+FFFD, as an encoder has it. */
export function utf8Of(character: string): readonly number[] {
  const point = character.codePointAt(0) ?? 0;
  const code = point >= 0xd800 && point < 0xe000 ? 0xfffd : point;
  const rest = (shift: number): number => 0x80 | ((code >> shift) & 0x3f);
  if (code < 0x80) return [code];
  if (code < 0x800) return [0xc0 | (code >> 6), rest(0)];
  if (code < 0x10000) return [0xe0 | (code >> 12), rest(6), rest(0)];
  return [0xf0 | (code >> 18), rest(12), rest(6), rest(0)];
}

/** Tokens of letters back to the text; U+FFFD where the bytes are no UTF-8. A token that has other characters, an added one, stands for itself. */
export function fromByteLetters(tokens: readonly string[]): string {
  const bytes = tokens.flatMap((token) => {
    const own = Array.from(token, (letter) => byteOfLetter.get(letter) ?? -1);
    return own.includes(-1) ? Array.from(new TextEncoder().encode(token)) : own;
  });
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
}
