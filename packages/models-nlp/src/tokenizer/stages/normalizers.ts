/** The normalizers of `tokenizer.json`, each keeping track of where its output came from. */
import type { JsonObject } from "@x/layers/model";
import { booleanField, objectField, objectsField, stringField } from "./fields.ts";
import { patternOf } from "./pattern.ts";
import type { Normalizer } from "./pipeline.ts";
import { ready, endsStep } from "./steps.ts";
import { CharacterMap } from "./precompiled-charsmap.ts";
import { TokenizerError } from "./tokenizer-error.ts";
import { accents, ideographs, marks, skipSpace, skipSpaceBack, uncleanCharacters, upperCase } from "./unicode.ts";

/** @throws TokenizerError when its type is unknown */
export function normalizerFrom(json: JsonObject | undefined): Normalizer {
  if (!json) return unchanged;
  const type = stringField(json, "type");
  switch (type) {
    case "Sequence":
      return inOrder(...objectsField(json, "normalizers").map(normalizerFrom));
    case "BertNormalizer":
      return bertNormalizer(json);
    case "NFC":
    case "NFD":
    case "NFKC":
    case "NFKD":
      return unicodeForm(type);
    case "Lowercase":
      return lowercase;
    case "StripAccents":
      return (text) => text.map(marks, () => "");
    case "Strip":
      return strip(booleanField(json, "strip_left", true), booleanField(json, "strip_right", true));
    case "Replace": {
      const [pattern, content] = [patternOf(objectField(json, "pattern")), stringField(json, "content")];
      return (text) => text.replace(pattern, content);
    }
    case "Prepend": {
      const content = stringField(json, "prepend");
      return (text) => ready(text.prepend(content));
    }
    case "Precompiled":
      return CharacterMap.fromBase64(stringField(json, "precompiled_charsmap")).normalizeByGrapheme;
    default:
      throw new TokenizerError(`tokenizer: there is no normalizer ${type} here`);
  }
}

const unchanged: Normalizer = (text) => ready(text);

/** One after the other. */
export const inOrder = (...normalizers: readonly Normalizer[]): Normalizer =>
  function* (text) {
    let normalized = text;
    for (const normalize of normalizers) normalized = yield* normalize(normalized);
    return normalized;
  };

/** Character by character: Σ is σ everywhere, also at the end of a word. */
export const lowercase: Normalizer = (text) => text.map(upperCase, (character) => character.toLowerCase());

/** BERT's BasicTokenizer: control characters out, any space is a space, Chinese characters apart, without accents, in lower case. */
function bertNormalizer(json: JsonObject): Normalizer {
  const lower = booleanField(json, "lowercase", true);
  const steps: Normalizer[] = [];
  if (booleanField(json, "clean_text", true))
    steps.push(
      (text) => text.map(uncleanCharacters, () => ""),
      (text) => text.map(otherSpaces, () => " "),
    );
  if (booleanField(json, "handle_chinese_chars", true)) steps.push((text) => text.map(ideographs, (character) => ` ${character} `));
  if (booleanField(json, "strip_accents", lower)) {
    steps.push(unicodeForm("NFD"), (text) => text.map(accents, () => ""));
  }
  return inOrder(...steps, ...(lower ? [lowercase] : []));
}

const otherSpaces = /[^\P{White_Space} ]/gu;

const strip =
  (left: boolean, right: boolean): Normalizer =>
  (text) => {
    const begin = left ? skipSpace(text.text, 0) : 0;
    return ready(text.slice(begin, right ? skipSpaceBack(text.text, text.length, begin) : text.length));
  };

/** A character with the marks behind it, or a run of Hangul letters: nothing is composed or reordered across their borders. */
const segments = /[\u1100-\u11ff\uac00-\ud7ff\ua960-\ua97f]+\p{M}*|[^]\p{M}*/gu;

/** A composed character comes from where the first of its parts came from. */
export const unicodeForm = (form: "NFC" | "NFD" | "NFKC" | "NFKD"): Normalizer =>
  function* (text) {
    if (text.text.normalize(form) === text.text) return text;
    const parts = form === "NFC" || form === "NFD" ? "NFD" : "NFKD";
    const builder = text.builder();
    let count = 0;
    for (const { 0: segment, index } of text.text.matchAll(segments)) {
      if (endsStep(count++)) yield;
      const origins: [number, number][] = [];
      let at = index;
      for (const character of segment) {
        const origin = text.origin(at, (at += character.length));
        for (const _ of character.normalize(parts)) origins.push(origin);
      }
      let part = 0;
      for (const character of segment.normalize(form)) {
        builder.add(character, ...(origins[Math.min(part, origins.length - 1)] ?? [0, 0]));
        part += Array.from(character.normalize(parts)).length;
      }
    }
    return builder.build();
  };
