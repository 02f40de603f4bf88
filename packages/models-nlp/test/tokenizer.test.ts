/** Tokenizers against Hugging Face's and Google's, on difficult texts: ids, offsets, words, and back to text. */
import { createHash } from "node:crypto";
import { Tokenizer } from "@x/models-nlp";
import { describe, expect, test } from "vitest";
import { bertVocabulary, goldenBytes, goldenFolder, goldenJson, tokenizerOf } from "./tokenizer-golden.ts";

interface Row {
  readonly ids: readonly number[];
  readonly offsets: readonly number[];
  readonly words: readonly (number | null)[];
  readonly decoded: string;
  readonly plain: string;
}

const texts = goldenJson<string[]>("texts.json");

function compare(tokenizer: Tokenizer, rows: readonly Row[]): void {
  for (const [i, text] of texts.entries()) {
    const row = rows[i] as Row;
    const { ids, offsets, wordIds } = tokenizer.encode(text);
    expect({ text, ids }).toEqual({ text, ids: row.ids });
    expect({ text, offsets: offsets.flat() }).toEqual({ text, offsets: row.offsets });
    expect({ text, wordIds }).toEqual({ text, wordIds: row.words });
    expect(tokenizer.decode(ids)).toBe(row.decoded);
    expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe(row.plain);
  }
}

test("the vocabulary of the tests is that of bert-base-uncased", () => {
  const sha256 = createHash("sha256").update(bertVocabulary()).digest("hex");
  expect(bertVocabulary().length).toBeGreaterThan(200_000);
  expect(sha256.slice(0, 8) + sha256.slice(-6)).toBe("07eced372038a3");
});

describe("as Hugging Face's tokenizers", () => {
  for (const [name, lower] of [
    ["bert-uncased", true],
    ["bert-cased", false],
  ] as const) {
    test(name, async () => {
      const files = { "vocab.txt": bertVocabulary(), "tokenizer_config.json": { do_lower_case: lower } };
      compare(await tokenizerOf(files), goldenJson(`${name}.json`));
    });
  }

  test("clip", async () => {
    const openAi = await Tokenizer.fromPretrained(goldenFolder("clip"));
    const tokens = Array.from({ length: openAi.vocabSize }, (_, id) => [openAi.idToToken(id) ?? "", id] as const);
    const merges = new TextDecoder().decode(goldenBytes("clip/bpe_simple_vocab_16e6.txt"));
    const tokenizer = await tokenizerOf({ "vocab.json": Object.fromEntries(tokens), "merges.txt": merges.replace(/.*/, "#version: 0.2") });
    compare(tokenizer, goldenJson("clip.json"));
  });

  for (const name of ["unigram-albert", "bpe-bytes", "bpe-fallback", "wordpiece-split", "unigram-first"]) {
    test(`${name}: tokenizer.json`, async () => {
      compare(await Tokenizer.fromPretrained(goldenFolder(name)), goldenJson(`${name}.json`));
    });
  }
});
