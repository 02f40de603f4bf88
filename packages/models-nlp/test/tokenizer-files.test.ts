/** Tokenizer files that say much, little, or contradict each other: what Hugging Face's library makes of them, or a refusal that names what can't be followed. */
import { shown } from "@x/layers/model";
import { Tokenizer } from "@x/models-nlp";
import { describe, expect, test } from "vitest";
import { patternOf } from "../src/tokenizer/stages/pattern.ts";
import { splitter } from "../src/tokenizer/stages/pre-tokenizers.ts";
import { atOnce } from "../src/tokenizer/stages/steps.ts";
import { AlignedText } from "../src/tokenizer/stages/aligned-text.ts";
import { repaired } from "../src/tokenizer/files/repair-text.ts";
import { goldenJson, tokenizerOf } from "./tokenizer-golden.ts";

interface Case {
  readonly name: string;
  readonly files: Readonly<Record<string, object | string>>;
  readonly rows: readonly (readonly [text: string, ids: readonly number[]])[];
  readonly cut: readonly number[];
  readonly maxLength: number | null;
  readonly paddingSide: "left" | "right";
}

describe("as Hugging Face's library", () => {
  for (const { name, files, rows, cut, maxLength, paddingSide } of goldenJson<Case[]>("files.json")) {
    test(name, async () => {
      const tokenizer = await tokenizerOf(files);
      for (const [text, ids] of rows) expect({ text, ids: tokenizer.encode(text, { maxLength: 100 }).ids }).toEqual({ text, ids });
      const [[text] = [""]] = rows;
      expect(tokenizer.encode(text, { maxLength: 5, truncation: "longestFirst" }).ids).toEqual(cut);
      expect([tokenizer.maxLength ?? null, tokenizer.paddingSide]).toEqual([maxLength, paddingSide]);
    });
  }
});

const vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\nHello\n";

describe("refused by name", () => {
  test.each([
    [{ tokenizer_class: "BertJapaneseTokenizer", word_tokenizer_type: "mecab" }, /word_tokenizer_type is "mecab".*MeCab/],
    [{ tokenizer_class: "BertJapaneseTokenizer", subword_tokenizer_type: "sentencepiece" }, /subword_tokenizer_type is "sentencepiece"/],
    [{ tokenizer_class: "BertJapaneseTokenizer", never_split: ["a"] }, /never_split/],
    [{ tokenizer_class: "RobertaTokenizer" }, /the tokenizer_class is RobertaTokenizer/],
    [{ tokenizer_class: "FunnelTokenizerFast" }, /the tokenizer_class is FunnelTokenizer/],
    [{ tokenizer_class: "MPNetTokenizerFast" }, /the vocabulary has no <s>/],
    [{ padding_side: "middle" }, /padding_side should be "left" or "right"/],
    [{ truncation_side: "up" }, /truncation_side should be/],
    [{ model_max_length: -3 }, /model_max_length should be a whole number/],
    [{ do_lower_case: "false" }, /do_lower_case should be true or false, but is "false"/],
    [{ src_lang: "en_XX" }, /src_lang is "en_XX"/],
    [{ added_tokens_decoder: { x: { content: "y" } } }, /added_tokens_decoder should name whole numbers/],
    [{ additional_special_tokens: "[E1]" }, /additional_special_tokens should be a list/],
    [{ additional_special_tokens: [5] }, /additional_special_tokens should be a token, but is 5/],
  ])("%j", async (config, message) => {
    await expect(tokenizerOf({ "vocab.txt": vocabulary, "tokenizer_config.json": config })).rejects.toThrow(message);
  });

  test("another model's vocabulary: by config.json's model_type", async () => {
    const files = { "vocab.txt": vocabulary, "config.json": { model_type: "funnel" } };
    await expect(tokenizerOf(files)).rejects.toThrow("the tokenizer_class is FunnelTokenizer, which isn't here to read vocab.txt");
    const merges = { "vocab.json": { a: 0 }, "merges.txt": "", "config.json": { model_type: "deberta" } };
    await expect(tokenizerOf(merges)).rejects.toThrow("the tokenizer_class is DebertaTokenizer");
  });

  const model = { type: "BPE", vocab: { a: 0, b: 1, ab: 2 }, merges: ["a b"] };
  test.each([
    [{ version: "2.0", model }, /version is "2\.0"/],
    [{ model: { ...model, dropout: 0.1 } }, /dropout is 0\.1/],
    [{ model: { ...model, continuing_subword_prefix: "##" } }, /continuing_subword_prefix/],
    [{ model: { ...model, merges: ["a b b"] } }, /a merge should be a pair/],
    [{ model: { ...model, merges: [["b", "a"]] } }, /the vocabulary lacks what the merge/],
    [{ model: { ...model, vocab: { a: 1.5 } } }, /the id of "a" should be a whole number/],
    [{ model, normalizer: "NFC" }, /normalizer should be an object, but is "NFC"/],
    [{ model, pre_tokenizer: { type: "UnicodeScripts" } }, /there is no pre-tokenizer UnicodeScripts here/],
    [{ model, pre_tokenizer: { type: "Metaspace", replacement: "((" } }, /replacement should be one character/],
    [{ model, post_processor: { type: "TemplateProcessing", single: [{ SpecialToken: { id: "constructor" } }], pair: [] } }, /constructor/],
    [
      {
        model,
        post_processor: { type: "Sequence", processors: [1, 2].map(() => ({ type: "BertProcessing", cls: ["a", 0], sep: ["b", 1] })) },
      },
      /two post-processors/,
    ],
    [{ model, pre_tokenizer: { type: "Split", pattern: { Regex: "(a)\\1" }, behavior: "Isolated" } }, /can't be followed here: it has \\1/],
    [
      { model, pre_tokenizer: { type: "Split", pattern: { Regex: "(?!ab)c" }, behavior: "Isolated" } },
      /a look around at more than a character/,
    ],
  ])("tokenizer.json %#", (json, message) => {
    expect(() => Tokenizer.fromJson(json)).toThrow(message);
  });

  test("a git-lfs pointer and a web page (huggingface/transformers#27923)", async () => {
    const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 12345\n";
    await expect(tokenizerOf({ "tokenizer.json": pointer })).rejects.toThrow(/tokenizer\.json: this is a pointer of git-lfs.*git lfs pull/);
    await expect(tokenizerOf({ "vocab.txt": pointer })).rejects.toThrow(/vocab\.txt: this is a pointer of git-lfs/);
    await expect(tokenizerOf({ "spiece.model": pointer })).rejects.toThrow(/spiece\.model: this is a pointer of git-lfs/);
    await expect(tokenizerOf({ "tokenizer.json": "<!DOCTYPE html><html></html>" })).rejects.toThrow(/tokenizer\.json: this is a web page/);
  });
});

describe("said in notes", () => {
  test("lower-casing that nobody asked for, tokens that it can't reach, and a text of unknown words only", async () => {
    const tokenizer = await tokenizerOf({ "vocab.txt": vocabulary });
    expect(tokenizer.notes).toEqual([
      expect.stringContaining("vocab.txt: texts are lower-cased"),
      expect.stringContaining("1 of its tokens have capital"),
    ]);
    tokenizer.encode("the");
    expect(tokenizer.notes).toHaveLength(2);
    tokenizer.encode("γνῶθι σεαυτόν");
    tokenizer.encode("ещё");
    expect(tokenizer.notes.slice(2)).toEqual([expect.stringContaining('"γνῶθι σεαυτόν" became nothing but [UNK]')]);
    expect((await tokenizerOf({ "vocab.txt": vocabulary, "tokenizer_config.json": { do_lower_case: true } })).notes).toEqual([]);
  });

  test("keys that aren't known, ids that differ, files that contradict each other", async () => {
    const found = goldenJson<Case[]>("files.json");
    const notesOf = async (name: string) =>
      (await tokenizerOf(found.find((one) => one.name.startsWith(name))?.files ?? {})).notes.join("\n");
    expect(await notesOf("tokenizer.json keeps case, BERT's class")).toMatch(/its normalizer isn't BertTokenizer's/);
    expect(await notesOf("added_tokens_decoder with a gap")).toMatch(/"\[X\]" is declared with the id 40, but has 23/);
    const { notes } = await tokenizerOf({ "vocab.txt": vocabulary, "tokenizer_config.json": { do_lower_case: true, do_lowercase: true } });
    expect(notes).toEqual([`tokenizer_config.json: "do_lowercase" isn't known here and was passed over`]);
    const model = { type: "WordPiece", unk_token: "u", vocab: { u: 0 } };
    const json = { model, normalizer: { type: "Sequence", normalizers: [{ type: "Lowercase", deep: 1 }] } };
    expect(Tokenizer.fromJson(json).notes).toEqual([`tokenizer.json: Lowercase: "deep" isn't known here and was passed over`]);
    expect(Tokenizer.fromJson(json, { tokenizer_class: "FunnelTokenizer", do_lower_case: false }).notes.join()).toMatch(
      /do_lower_case isn't what tokenizer\.json does/,
    );
  });
});

test("a tokenizer.json from before truncation had a direction, as all-MiniLM-L6-v2's", async () => {
  const model = { type: "WordLevel", vocab: { a: 0, b: 1, "[UNK]": 2 }, unk_token: "[UNK]" };
  const older = {
    version: "1.0",
    truncation: { max_length: 128, strategy: "LongestFirst", stride: 0 },
    pre_tokenizer: { type: "Whitespace" },
    model,
  };
  const tokenizer = await tokenizerOf({ "tokenizer.json": older });
  expect(tokenizer.encode("a b c", { maxLength: 2, truncation: "longestFirst" }).ids).toEqual([0, 1]);
});

test("model_input_names without token_type_ids: a pair is all of type 0", async () => {
  const tokenizer = await tokenizerOf({
    "vocab.txt": vocabulary,
    "tokenizer_config.json": { model_input_names: ["input_ids", "attention_mask"] },
  });
  expect(tokenizer.encode("the", { pair: "the" }).typeIds).toEqual([0, 0, 0, 0, 0]);
});

test("patterns match as Oniguruma's", () => {
  const { texts, rows } = goldenJson<{ texts: string[]; rows: { pattern: string; words: [number, number][][] }[] }>("patterns.json");
  for (const { pattern, words } of rows) {
    const split = splitter(patternOf({ Regex: pattern }), "Isolated");
    for (const [i, text] of texts.entries()) {
      const found = atOnce(split(AlignedText.of(text))).map((word) => word.origin(0, word.length));
      expect({ pattern, text, found }).toEqual({ pattern, text, found: words[i] });
    }
  }
});

test("OpenAI's tokenizer repairs a text as ftfy does (huggingface/transformers#19118)", () => {
  for (const [text, right] of goldenJson<[string, string][]>("repaired.json")) {
    const spaced = (one: string): string => one.replace(/\s+/g, " ");
    expect(spaced(atOnce(repaired(AlignedText.of(text))).text)).toBe(spaced(right));
  }
});

describe("texts and ids from users without types", () => {
  const bert = (): Promise<Tokenizer> => tokenizerOf({ "vocab.txt": vocabulary });

  test.each([null, undefined, 5, {}, ["the"], [["the"]], Symbol("the")])("%s is no text: one line says so", async (value) => {
    const tokenizer = await bert();
    const text = value as string;
    expect(() => tokenizer.encode(text)).toThrow(
      /^encode: the text should be a string, but is (null|undefined|5|an Object|an Array|Symbol\(the\))$/,
    );
    expect(() => tokenizer.encodeWindows(text)).toThrow("encodeWindows: the text should be a string");
    expect(() => tokenizer.encodeBatch([text])).toThrow("encode: the text should be a string");
  });

  test("a list where a text belongs, and the other way round", async () => {
    const tokenizer = await bert();
    expect(() => tokenizer.encodeBatch("the" as unknown as string[])).toThrow(
      'encodeBatch: texts should be a list of strings, but is "the"',
    );
  });

  test("lone surrogates, empty texts, and ids that are none", async () => {
    const tokenizer = await bert();
    expect(tokenizer.encode("").ids).toEqual([2, 3]);
    expect(tokenizer.encode("\ud800 the \udc00").ids).toEqual([2, 5, 3]);
    for (const id of [1.5, 3e9, -1, Number.NaN]) expect(() => tokenizer.decode([id])).toThrow(`decode: the vocabulary has no id ${id}`);
  });

  test("lengths and ways to shorten that make no sense", async () => {
    const tokenizer = await bert();
    const truncation = "longest_first" as "longestFirst";
    expect(() => tokenizer.encode("the", { truncation })).toThrow(
      'truncation must be one of "error", "longestFirst", "first", "second", but is "longest_first"',
    );
    for (const maxLength of [1.5, -1, Number.NaN, "9" as unknown as number]) {
      expect(() => tokenizer.encode("the", { maxLength })).toThrow(
        `encode: maxLength must be a whole number from 0 on, but is ${shown(maxLength)}`,
      );
    }
    expect(() => tokenizer.encodeWindows("the", { stride: -1 })).toThrow("encodeWindows: stride must be a whole number");
    expect(() => tokenizer.pad([tokenizer.encode("the")], { padToMultipleOf: 0 })).toThrow(
      "pad: padToMultipleOf must be a whole number from 1 on, but is 0",
    );
    expect(() => tokenizer.pad([tokenizer.encode("the")], { length: 4.5 })).toThrow("pad: length must be a whole number");
  });
});
