/** Classes of characters, as Oniguruma names them, in JavaScript's terms. */
import { wordCharacters } from "./unicode.ts";

/** Whether a character, by its code point, belongs to a class. */
export type CharacterTest = (code: number) => boolean;

/** Classes in Unicode's terms, inside brackets. */
export const classes: Readonly<Record<string, string>> = {
  s: "\\p{White_Space}",
  S: "\\P{White_Space}",
  d: "\\p{Nd}",
  D: "\\P{Nd}",
  w: wordCharacters,
  h: "0-9a-fA-F",
};

/** Letters that mean a control character. */
export const controls: Readonly<Record<string, string>> = { n: "\\n", r: "\\r", t: "\\t", f: "\\f", v: "\\v", a: "\\x07", e: "\\x1b" };

/** A property under JavaScript's name: Oniguruma takes scripts without saying so. */
export const propertyOf = (name: string): string => (isProperty(name) ? name : `Script=${name}`);

function isProperty(name: string): boolean {
  try {
    return new RegExp(`\\p{${name}}`, "u").unicode;
  } catch {
    return false;
  }
}

/** Whether the character that begins, or ends, at a place passes; none does not. */
export function testAt(test: CharacterTest, text: string, at: number, isEnd: boolean): boolean {
  const begin = isEnd && (text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800 ? at - 1 : at;
  const code = begin < 0 ? undefined : text.codePointAt(begin);
  return code !== undefined && test(code);
}

const isWord = new RegExp(`^[${wordCharacters}]$`, "u");
export const isWordAt = (text: string, at: number): boolean => testAt((code) => isWord.test(String.fromCodePoint(code)), text, at, false);

/** A character as a class has it. */
export const literal = (character: string): string =>
  /[\\^$.*+?()[\]{}|/\-&~!#%,:;<=>@`"']/.test(character) ? `\\u{${character.charCodeAt(0).toString(16)}}` : character;

/** Remembers what it has found: of ASCII for ever, of other characters for a while. */
export function characterTest(expression: RegExp): CharacterTest {
  const ascii = Array.from({ length: 128 }, (_, code) => expression.test(String.fromCharCode(code)));
  const others = new Map<number, boolean>();
  return (code) => {
    if (code < 128) return ascii[code] === true;
    const known = others.get(code);
    if (known !== undefined) return known;
    if (others.size >= 2000) others.clear();
    const isIn = expression.test(String.fromCodePoint(code));
    others.set(code, isIn);
    return isIn;
  };
}
