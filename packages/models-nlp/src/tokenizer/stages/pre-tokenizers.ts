/** The pre-tokenizers of `tokenizer.json`: what cuts a text into words. */
import type { JsonObject } from "@x/layers/model";
import type { AlignedText, Pattern } from "./aligned-text.ts";
import { toByteLetters } from "./byte-level.ts";
import { booleanField, objectField, objectsField, stringField } from "./fields.ts";
import { patternOf, textPattern } from "./pattern.ts";
import type { PreTokenizer } from "./pipeline.ts";
import { ready, endsStep, mapped, type Steps } from "./steps.ts";
import { TokenizerError } from "./tokenizer-error.ts";
import { punctuation, whitespace, wordCharacters } from "./unicode.ts";

/** @throws TokenizerError when its type is unknown */
export function preTokenizerFrom(json: JsonObject | undefined): PreTokenizer {
  if (!json) return whole;
  const type = stringField(json, "type");
  switch (type) {
    case "Sequence":
      return inOrder(objectsField(json, "pretokenizers").map(preTokenizerFrom));
    case "BertPreTokenizer":
      return inOrder([splitter(whitespace, "Removed"), splitter(punctuation, "Isolated")]);
    case "WhitespaceSplit":
      return splitter(whitespace, "Removed");
    case "Whitespace":
      return splitter(new RegExp(`[${wordCharacters}]+|[^${wordCharacters}\\p{White_Space}]+`, "gu"), "Removed", true);
    case "Punctuation":
      return splitter(punctuation, behaviorFrom(json, "Isolated"));
    case "Digits":
      return splitter(/\p{N}/gu, booleanField(json, "individual_digits", false) ? "Isolated" : "Contiguous");
    case "Split":
      return splitter(patternOf(objectField(json, "pattern")), behaviorFrom(json), booleanField(json, "invert", false));
    case "Metaspace":
      return metaspace(json);
    case "ByteLevel":
      return byteLevel(json);
    default:
      throw new TokenizerError(`tokenizer: there is no pre-tokenizer ${type} here`);
  }
}

/** One word. */
export const whole: PreTokenizer = (text) => ready([text]);

/** Each cuts what the one before it gives. */
const inOrder = (preTokenizers: readonly PreTokenizer[]): PreTokenizer =>
  function* (text) {
    let words = [text];
    for (const preTokenize of preTokenizers) {
      const parts: AlignedText[] = [];
      for (const [i, word] of words.entries()) {
        for (const part of yield* preTokenize(word)) parts.push(part);
        if (endsStep(i)) yield;
      }
      words = parts;
    }
    return words;
  };

/** What happens to a match: dropped, a word of its own, one word with its equals, or part of a neighbour. */
const behaviors = ["Removed", "Isolated", "Contiguous", "MergedWithPrevious", "MergedWithNext"] as const;
type Behavior = (typeof behaviors)[number];

function behaviorFrom(json: JsonObject, usual?: Behavior): Behavior {
  const name = stringField(json, "behavior", usual);
  const behavior = behaviors.find((known) => known === name);
  if (behavior) return behavior;
  throw new TokenizerError(`tokenizer: ${stringField(json, "type")}: there is no behavior ${name} here`);
}

interface Stretch {
  readonly begin: number;
  readonly end: number;
  readonly matches: boolean;
}

/** Cuts at each match of a global pattern; inverted, at what lies between the matches. */
export function splitter(pattern: Pattern, behavior: Behavior, invert = false): PreTokenizer {
  return function* (text) {
    const stretches = yield* merged(yield* stretchesOf(text.text, pattern, invert), behavior);
    return yield* mapped(
      stretches.filter(({ begin, end }) => end > begin),
      ({ begin, end }) => text.slice(begin, end),
    );
  };
}

function* stretchesOf(text: string, pattern: Pattern, invert: boolean): Steps<Stretch[]> {
  const stretches: Stretch[] = [];
  let at = 0;
  for (const { 0: match, index } of pattern[Symbol.matchAll](text)) {
    if (endsStep(stretches.length)) yield;
    if (index > at) stretches.push({ begin: at, end: index, matches: invert });
    at = index + match.length;
    stretches.push({ begin: index, end: at, matches: !invert });
  }
  if (at < text.length) stretches.push({ begin: at, end: text.length, matches: invert });
  return stretches;
}

function* merged(stretches: readonly Stretch[], behavior: Behavior): Steps<readonly Stretch[]> {
  switch (behavior) {
    case "Removed":
      return stretches.filter(({ matches }) => !matches);
    case "Isolated":
      return stretches;
    case "Contiguous":
      return yield* joined(stretches, (previous, next) => previous.matches === next.matches);
    case "MergedWithPrevious":
      return yield* joined(stretches, (previous, next) => next.matches && !previous.matches);
    case "MergedWithNext":
      return yield* joined(stretches, (previous, next) => previous.matches && !next.matches);
  }
}

/** Joins neighbours that belong together. What has been joined goes on as its last part. */
function* joined(stretches: readonly Stretch[], together: (previous: Stretch, next: Stretch) => boolean): Steps<Stretch[]> {
  const result: Stretch[] = [];
  for (const [i, stretch] of stretches.entries()) {
    const [previous, last] = [stretches[i - 1], result.at(-1)];
    if (previous && last && together(previous, stretch)) result[result.length - 1] = { ...stretch, begin: last.begin };
    else result.push(stretch);
    if (endsStep(i)) yield;
  }
  return result;
}

/** Spaces become ▁, one is put before the text, and each word begins with its own. */
function metaspace(json: JsonObject): PreTokenizer {
  const replacement = stringField(json, "replacement", "▁");
  const scheme = stringField(json, "prepend_scheme", booleanField(json, "add_prefix_space", true) ? "always" : "never");
  if (Array.from(replacement).length !== 1)
    throw new TokenizerError(
      `tokenizer: Metaspace: replacement should be one character, but is ${JSON.stringify(replacement).slice(0, 100)}`,
    );
  const words = splitter(textPattern(replacement), "MergedWithNext");
  const cut: PreTokenizer = booleanField(json, "split", true) ? words : whole;
  return function* (text) {
    const marked = yield* text.map(/ /g, () => replacement);
    const isFirst = text.origin(0, 0)[0] === 0;
    const wanted = (scheme === "always" || (scheme === "first" && isFirst)) && !marked.text.startsWith(replacement);
    return yield* cut(wanted ? marked.prepend(replacement) : marked);
  };
}

/** Each character of a text's words becomes the letters of its bytes. */
function* asByteLetters(text: AlignedText, words: readonly AlignedText[]): Steps<AlignedText[]> {
  const isPlain = (word: AlignedText): boolean => /^[!-~]*$/.test(word.text);
  if (words.every(isPlain)) return [...words];
  const builder = text.builder();
  const ends: number[] = [];
  let count = 0;
  for (const word of words) {
    if (isPlain(word)) builder.append(word);
    else {
      let at = 0;
      for (const character of word.text) {
        builder.add(toByteLetters(character), ...word.origin(at, (at += character.length)));
        if (endsStep(count++)) yield;
      }
    }
    if (endsStep(count++)) yield;
    ends.push(builder.length);
  }
  const written = builder.build();
  let begin = 0;
  return yield* mapped(ends, (end) => written.slice(begin, (begin = end)));
}

/** GPT-2: contractions, words, numbers and the rest apart, each with the space before it; then bytes written as letters. */
function byteLevel(json: JsonObject): PreTokenizer {
  const prefixSpace = booleanField(json, "add_prefix_space", true);
  const pattern =
    /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;
  const cut: PreTokenizer = booleanField(json, "use_regex", true) ? splitter(pattern, "Isolated") : whole;
  return function* (text) {
    const spaced: AlignedText = prefixSpace && !text.text.startsWith(" ") ? text.prepend(" ") : text;
    return yield* asByteLetters(spaced, yield* cut(spaced));
  };
}
