import type { JsonObject } from "@x/layers/model";
import type { Pattern } from "./aligned-text.ts";
import { stringField } from "./fields.ts";
import { LinearPattern } from "./linear-pattern.ts";
import { readPattern } from "./pattern-syntax.ts";
import { TokenizerError } from "./tokenizer-error.ts";

/** Longer patterns are nobody's. */
const longest = 10_000;

/** Patterns of published tokenizers that JavaScript's own engine follows in linear time; it is the faster one. */
const quick: ReadonlyMap<string, RegExp> = new Map([
  ["\\s+", /\p{White_Space}+/gu],
  ["\\s", /\p{White_Space}/gu],
  [" {2,}", / {2,}/gu],
  ["\\n", /\n/gu],
  ["\\d", /\p{Nd}/gu],
  [
    "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+",
    /'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\p{White_Space}\p{L}\p{N}]+/gu,
  ],
  [
    "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+",
    /<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\p{White_Space}\p{L}\p{N}]+/gu,
  ],
]);

/**
 * What `tokenizer.json` looks for, `{ "String": … }` or `{ "Regex": … }`.
 * @throws TokenizerError when it is no pattern that can be followed here
 */
export function patternOf(json: JsonObject): Pattern {
  const source = stringField(json, "Regex" in json ? "Regex" : "String");
  if (source.length > longest) throw new TokenizerError(`tokenizer: a pattern has ${source.length} characters, more than ${longest}`);
  if (source === "") throw new TokenizerError("tokenizer: a pattern is empty");
  if (!("Regex" in json)) return textPattern(source);
  return quick.get(source) ?? new LinearPattern(readPattern(source), source);
}

/** Finds a text as it stands. */
export const textPattern = (text: string): Pattern => new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "gu");
