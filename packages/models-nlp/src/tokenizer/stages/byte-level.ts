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

const encoder = new TextEncoder();
const ofAscii: readonly string[] = byteLetters.slice(0, 128);

/** A text's UTF-8 bytes as letters. */
export function toByteLetters(text: string): string {
  if (text.length === 1) {
    const letter = ofAscii[text.charCodeAt(0)];
    if (letter !== undefined) return letter;
  }
  let letters = "";
  for (const byte of encoder.encode(text)) letters += byteLetters[byte];
  return letters;
}

/** Letters back to the text; U+FFFD where the bytes are no UTF-8. Other characters stand for themselves. */
export function fromByteLetters(letters: string): string {
  const bytes = Array.from(letters).flatMap((letter) => {
    const byte = byteOfLetter.get(letter) ?? -1;
    return byte < 0 ? Array.from(new TextEncoder().encode(letter)) : [byte];
  });
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
}
