/** Stages drawn at random from all that `tokenizer.json` may hold, against Hugging Face's tokenizers: golden/tokenizers/random.jsonl, by tools/reference/random_tokenizers.py. */
import type { JsonObject } from "@x/layers/model";
import { expect, test } from "vitest";
import { Tokenizer, TokenizerError } from "../src/index.ts";
import { goldenBytes } from "./tokenizer-golden.ts";

interface Drawn {
  readonly json: JsonObject;
  readonly rows: readonly {
    readonly texts: readonly [string, string];
    readonly ids: readonly number[];
    readonly types: readonly number[];
    readonly pair: readonly number[];
    readonly pairTypes: readonly number[];
    readonly decoded: readonly [string, string];
  }[];
}

const lines = new TextDecoder().decode(goldenBytes("random.jsonl")).trimEnd().split("\n");

test.each(lines.map((line, number) => [number, JSON.parse(line) as Drawn] as const))("%i", (_, { json, rows }) => {
  const tokenizer = Tokenizer.fromJson(json);
  for (const { texts, ids, types, pair, pairTypes, decoded } of rows) {
    const [single, both] = [tokenizer.encode(texts[0]), tokenizer.encode(texts[0], { pair: texts[1] })];
    const found = [tokenizer.decode(ids), tokenizer.decode(ids, { skipSpecialTokens: true })];
    expect({ texts, ids: single.ids, types: single.typeIds, pair: both.ids, pairTypes: both.typeIds, decoded: found }).toEqual({
      texts, ids, types, pair, pairTypes, decoded,
    }); // prettier-ignore
  }
});

test("bytes for what is unknown, beside marks of words' ends: refused by name", () => {
  const model = { type: "BPE", vocab: { a: 0 }, merges: [], byte_fallback: true, end_of_word_suffix: "</w>" };
  const reading = (): Tokenizer => Tokenizer.fromJson({ model });
  expect(reading).toThrow(TokenizerError);
  expect(reading).toThrow("BPE with byte_fallback and an end_of_word_suffix is not supported");
});

// normalizers.Replace(Regex("^"), "X") and of "$"
test.each([
  ["", "", ""],
  ["a", "Xa", "aX"],
  ["a\n", "Xa\n", "aX\nX"],
  ["a\nb", "Xa\nXb", "aX\nbX"],
  ["\n\n", "X\nX\n", "X\nX\nX"],
])("where the lines of %j begin and end", (text, begun, ended) => {
  const found = ["^", "$"].map((Regex) => {
    const letters = Object.fromEntries([..."abX\n"].map((letter, id) => [letter, id]));
    const json = { model: { type: "BPE", vocab: letters, merges: [] }, normalizer: { type: "Replace", pattern: { Regex }, content: "X" } };
    return Tokenizer.fromJson(json).encode(text).ids.map((id) => "abX\n"[id]).join(""); // prettier-ignore
  });
  expect(found).toEqual([begun, ended]);
});
