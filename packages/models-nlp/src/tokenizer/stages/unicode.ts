/** Kinds of characters, as Unicode and BERT's code have them: patterns that match one at a time. */

export const whitespace: RegExp = /\p{White_Space}/gu;

/** Unicode's punctuation and all ASCII that is neither letter, digit, space nor control. As of Unicode 8, which Hugging Face's library goes by. */
export const punctuation: RegExp =
  /(?![\u061d\u09fd\u0a76\u0c77\u0c84\u1b4e\u1b4f\u1b7d-\u1b7f\u2e43-\u2e5d\u{10d6e}-\u{10f89}\u{113d4}-\u{113d8}\u{1144b}-\u{1145d}\u{11660}-\u{116b9}\u{1183b}-\u{11be1}\u{11c41}-\u{11fff}\u{12ff1}\u{12ff2}\u{16d6d}-\u{16e9a}\u{16fe2}\u{1e5ff}-\u{1e95f}])[\u{111c9}\u166d\p{P}!-/:-@[-`{-~]/gu;

/**
 * What is dropped by BERT's cleaning: control, format and private characters, and U+FFFD. Tab and line ends count as space. By name, so that it is the same
 * on engines whose Unicode is older or newer; what no Unicode has assigned stays.
 */
export const uncleanCharacters: RegExp =
  /(?![\t\n\r])[\p{Cc}\xad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ud800-\uf8ff\ufeff\ufff9-\ufffb\ufffd\u{110bd}\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}\u{f0000}-\u{ffffd}\u{100000}-\u{10fffd}]/gu;

export const accents: RegExp = /\p{Mn}/gu;
export const marks: RegExp = /\p{M}/gu;
export const upperCase: RegExp = /\p{Changes_When_Lowercased}/gu;

/** Chinese characters as BERT counts them, which puts spaces around each; without the first 256 of extension E, as in Hugging Face's library. */
export const ideographs: RegExp =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;

/** Inside a character class: what regular expressions call `\\w`, Unicode's Annex C. */
export const wordCharacters = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}";

/** The end of the whitespace that begins at `begin`. */
export function skipSpace(text: string, begin: number): number {
  let end = begin;
  while (end < text.length && isSpace(text.charAt(end))) end++;
  return end;
}

/** The beginning of the whitespace that ends at `end`, but not before `least`. */
export function skipSpaceBack(text: string, end: number, least: number): number {
  let begin = end;
  while (begin > least && isSpace(text.charAt(begin - 1))) begin--;
  return begin;
}

const isSpace = (unit: string): boolean => /\p{White_Space}/u.test(unit);
