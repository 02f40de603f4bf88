/** Kinds of characters, over all of Unicode, against Hugging Face's library. */
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { ideographs, punctuation, uncleanCharacters, whitespace } from "../src/tokenizer/stages/unicode.ts";

type Runs = readonly (readonly [first: number, last: number])[];

const file = new URL("../golden/tokenizers/characters.json", import.meta.url);
const golden = JSON.parse(await readFile(file, "utf8")) as Readonly<Record<string, Runs>>;

test.each([
  ["dropped", uncleanCharacters],
  ["ideographs", ideographs],
  ["punctuation", punctuation],
  ["whitespace", whitespace],
] as const)("%s", (name, pattern) => {
  const one = new RegExp(`^(?:${pattern.source})$`, "u");
  const found: [number, number][] = [];
  for (let code = 0; code < 0x110000; code++) {
    if ((code >= 0xd800 && code < 0xe000) || !one.test(String.fromCodePoint(code))) continue;
    const last = found.at(-1);
    if (last && last[1] === code - 1) last[1] = code;
    else found.push([code, code]);
  }
  expect(found).toEqual(golden[name]);
});
