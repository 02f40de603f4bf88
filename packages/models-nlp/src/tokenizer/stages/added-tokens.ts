import type { JsonObject } from "@x/layers/model";
import { PrefixTree } from "../models/prefix-tree.ts";
import { booleanField, numberField, stringField } from "./fields.ts";
import { ready, endsStep, type Steps } from "./steps.ts";
import { skipSpace, skipSpaceBack, wordCharacters } from "./unicode.ts";

/** A token that is found in a text as it stands. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Only between word borders. */
  readonly singleWord: boolean;
  /** Takes the whitespace before it with it. */
  readonly lstrip: boolean;
  /** Takes the whitespace behind it with it. */
  readonly rstrip: boolean;
  /** Looked for in the normalized text. */
  readonly normalized: boolean;
  /** Left out by `skipSpecialTokens`. */
  readonly special: boolean;
}

/** One of `tokenizer.json`'s `added_tokens`. */
export function addedTokenFrom(json: JsonObject): AddedToken {
  const special = booleanField(json, "special", false);
  return {
    id: numberField(json, "id"),
    content: stringField(json, "content"),
    singleWord: booleanField(json, "single_word", false),
    lstrip: booleanField(json, "lstrip", false),
    rstrip: booleanField(json, "rstrip", false),
    normalized: booleanField(json, "normalized", !special),
    special,
  };
}

/** A token such as [MASK], which is looked for in the text as it came. */
export const specialToken = (content: string, id: number, lstrip = false): AddedToken => ({
  id,
  content,
  singleWord: false,
  lstrip,
  rstrip: false,
  normalized: false,
  special: true,
});

/** A stretch of a text, and the added token that it is. */
export interface Section {
  readonly begin: number;
  readonly end: number;
  readonly token: AddedToken | undefined;
}

/** A text → its added tokens and what lies between. */
export type SectionFinder = (text: string) => Steps<Section[]>;

/**
 * Finds tokens from left to right, of several the longest.
 * @param tokens by what is looked for
 */
export function sectionFinder(tokens: ReadonlyMap<string, AddedToken>): SectionFinder {
  const list = [...tokens].filter(([content]) => content !== "");
  if (list.length === 0) return (text) => ready(text === "" ? [] : [{ begin: 0, end: text.length, token: undefined }]);
  const tree = new PrefixTree(list.map(([content], i) => [content, i]));
  return function* (text) {
    const sections: Section[] = [];
    let at = 0;
    for (let index = 0, next: number, count = 0; index < text.length; index = next, count++) {
      if (endsStep(count)) yield;
      const stop = tree.longestEnd(text, index);
      next = stop < 0 ? index + 1 : stop;
      const token = stop < 0 ? undefined : tokens.get(text.slice(index, stop));
      if (!token || (token.singleWord && !standsAlone(text, index, stop))) continue;
      const begin = token.lstrip ? Math.max(at, skipSpaceBack(text, index, at)) : index;
      const end = token.rstrip ? skipSpace(text, stop) : stop;
      if (begin >= end) continue;
      if (begin > at) sections.push({ begin: at, end: begin, token: undefined });
      sections.push({ begin, end, token });
      at = end; // spaces that it swallowed may be a token themselves, and then are both, as in Hugging Face's library
      next = stop;
    }
    if (at < text.length) sections.push({ begin: at, end: text.length, token: undefined });
    return sections;
  };
}

const endsInWord = new RegExp(`[${wordCharacters}]$`, "u");
const beginsWithWord = new RegExp(`^[${wordCharacters}]`, "u");

const standsAlone = (text: string, begin: number, end: number): boolean =>
  !endsInWord.test(text.slice(Math.max(0, begin - 2), begin)) && !beginsWithWord.test(text.slice(end, end + 2));
