/** Against sacreBLEU's own figures: bleu.json, written by tools/reference/bleu.py. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bleu, tokenize13a } from "../src/metrics/bleu.ts";

interface Case {
  readonly name: string;
  readonly translations: readonly string[];
  readonly references: readonly string[];
  readonly words: readonly (readonly string[])[];
  readonly score: number;
  readonly precisions: readonly number[];
  readonly brevityPenalty: number;
}
const cases = JSON.parse(readFileSync(new URL("../golden/bleu.json", import.meta.url), "utf8")) as Case[];

test.each(cases.map((one) => [one.name, one] as const))("%s: words, score, precisions and brevity penalty are sacreBLEU's", (_, one) => {
  expect(one.translations.map(tokenize13a)).toEqual(one.words);
  const found = bleu(one.translations, one.references);
  expect(found.score).toBeCloseTo(one.score, 9);
  expect(found.brevityPenalty).toBeCloseTo(one.brevityPenalty, 12);
  for (const [i, precision] of one.precisions.entries()) expect(found.precisions[i], `${i + 1}-grams`).toBeCloseTo(precision, 9);
});
