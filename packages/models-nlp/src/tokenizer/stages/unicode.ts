/** Kinds of characters, as Unicode and BERT's code have them: patterns that match one at a time. */

export const whitespace: RegExp = /\p{White_Space}/gu;

/** Unicode's punctuation and all ASCII that is neither letter, digit, space nor control. */
export const punctuation: RegExp = /[\p{P}!-/:-@[-`{-~]/gu;

/** What is dropped by BERT's cleaning: control, format, private and unassigned characters, and U+FFFD. Tab and line ends count as space. */
export const uncleanCharacters: RegExp = /[^\P{C}\t\n\r]|\ufffd/gu;

export const accents: RegExp = /\p{Mn}/gu;
export const marks: RegExp = /\p{M}/gu;
export const upperCase: RegExp = /\p{Changes_When_Lowercased}/gu;

/** Chinese characters as BERT counts them, which puts spaces around each. */
export const ideographs: RegExp =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b820}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;

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
