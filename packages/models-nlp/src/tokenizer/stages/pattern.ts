import type { JsonObject } from "@x/layers/model";
import { stringField } from "./fields.ts";
import { TokenizerError } from "./tokenizer-error.ts";

/** What `tokenizer.json` looks for, `{ "String": … }` or `{ "Regex": … }`, as a global regular expression of JavaScript. */
export function patternOf(json: JsonObject): RegExp {
  const source = "Regex" in json ? translate(stringField(json, "Regex")) : escape(stringField(json, "String"));
  try {
    return new RegExp(source, "gu");
  } catch (cause) {
    throw new TokenizerError(`tokenizer: the pattern ${JSON.stringify(json)} can't be followed here`, { cause });
  }
}

/** Oniguruma's classes in Unicode terms, and no backslash before what needs none. */
function translate(source: string): string {
  const classes: Readonly<Record<string, string>> = { s: "\\p{White_Space}", S: "\\P{White_Space}", d: "\\p{Nd}", D: "\\P{Nd}" };
  return source.replace(/\\(.)/gsu, (whole, letter: string) => {
    if (classes[letter] !== undefined) return classes[letter];
    return /[a-zA-Z0-9^$\\.*+?()[\]{}|/]/.test(letter) ? whole : letter === "-" ? "\\x2d" : letter;
  });
}

const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
