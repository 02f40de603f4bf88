/** Tokenizer files that were written to take all time or memory, and long texts: a result or a TokenizerError, in time that grows as what comes in. */
import { Tokenizer, TokenizerError } from "@x/models-nlp";
import { describe, expect, test } from "vitest";
import { bertVocabulary, goldenBytes, goldenFolder, tokenizerOf } from "./tokenizer-golden.ts";

const model = { type: "WordPiece", unk_token: "[UNK]", vocab: { "[UNK]": 0, a: 1, "##a": 2 } };
const split = (regex: string) => ({ type: "Split", pattern: { Regex: regex }, behavior: "Isolated" });

/** Processor time of a call, in milliseconds: the machine may be busy. */
async function timeOf(run: () => unknown): Promise<number> {
  const begun = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1000;
}

describe("regular expressions that explode", () => {
  test.each(["(a+)+$", "(a|aa)+$", "(a*)*b", "(.*a){20}", "(a|a)*b", "([a-z]+)*!x", "a*a*a*a*a*a*b"])("%s", async (regex) => {
    const text = `${"a".repeat(2000)}!`;
    const run = (): unknown => {
      try {
        return Tokenizer.fromJson({ model, pre_tokenizer: split(regex) }).encode(text);
      } catch (error) {
        expect(error).toBeInstanceOf(TokenizerError);
        return undefined;
      }
    };
    expect(await timeOf(run)).toBeLessThan(2000);
  });

  test("in a normalizer, while added tokens are read", () => {
    const json = {
      model,
      normalizer: { type: "Replace", pattern: { Regex: "(a|aa)+$" }, content: "" },
      added_tokens: [{ id: 9, content: `${"a".repeat(50)}!` }],
    };
    expect(Tokenizer.fromJson(json).vocabSize).toBe(4);
  });

  test("one that reads the text again and again is refused", () => {
    const tokenizer = Tokenizer.fromJson({ model, pre_tokenizer: split("a.*b|a") });
    expect(() => tokenizer.encode("a".repeat(20_000))).toThrow(/the pattern "a\.\*b\|a" reads the text again and again/);
  });

  test.each([
    [`${"(".repeat(200)}a${")".repeat(200)}`, /nested more than 100 deep/],
    ["(a{1000}){1000}", /too large/],
    ["a{2000}", /too often/],
    ["a".repeat(20_000), /20000 characters/],
    ["", /empty/],
    ["(", /a \( without its \)/],
    ["[a", /an end too early/],
    ["a)", /a \) without its \(/],
    ["*a", /without anything to repeat/],
    ["(?<n>a)", /can't be followed/],
    ["[[:alpha:]]", /a class within a class/],
    ["\\p{Nonsense}", /can't be followed/],
    ["[b-a]", /can't be followed/],
  ])("%.20s", (regex, message) => {
    expect(() => Tokenizer.fromJson({ model, pre_tokenizer: split(regex) })).toThrow(message);
  });
});

test("rules that write more than they read", () => {
  const doubling = Array.from({ length: 40 }, () => ({ type: "Replace", pattern: { String: "a" }, content: "aa" }));
  const tokenizer = Tokenizer.fromJson({ model, normalizer: { type: "Sequence", normalizers: doubling } });
  expect(() => tokenizer.encode("a")).toThrow(/make it more than 10032 characters long/);
  const long = Tokenizer.fromJson({ model, normalizer: { type: "Replace", pattern: { String: "a" }, content: "b".repeat(100_000) } });
  expect(() => long.encode("a".repeat(100_000))).toThrow(/characters long/);
});

test("parts within parts, long tokens and empty ones", async () => {
  let nested: object = { type: "NFC" };
  for (let i = 0; i < 5000; i++) nested = { type: "Sequence", normalizers: [nested] };
  expect(() => Tokenizer.fromJson({ model, normalizer: nested as never })).toThrow(/nested more than 32 deep/);
  const many = { type: "Sequence", pretokenizers: Array.from({ length: 2000 }, () => ({ type: "WhitespaceSplit" })) };
  expect(() => Tokenizer.fromJson({ model, pre_tokenizer: many })).toThrow(/more than 1000 parts/);
  const key = { ...model, max_input_chars_per_word: 1e9, vocab: { ...model.vocab, ["z".repeat(1e5)]: 3 } };
  expect(() => Tokenizer.fromJson({ model: key })).toThrow(/a token has 100000 characters, more than 1000/);
  const token = { id: 3, content: "x".repeat(1e6), special: true };
  expect(() => Tokenizer.fromJson({ model, added_tokens: [token] })).toThrow(/a token has 1000000 characters/);
  const empty = { id: 3, content: "", special: true };
  expect(
    Tokenizer.fromJson({ model: { ...model, vocab: { ...model.vocab, "": 3, "##": 4 } }, added_tokens: [empty] }).encode("aab").ids,
  ).toEqual([0]);
});

test(
  "long texts without a space, of one letter, of spaces, and of words: in time that grows as the text",
  { timeout: 120_000 },
  async () => {
    const tokenizers = [
      await tokenizerOf({ "vocab.txt": bertVocabulary() }),
      await tokenizerOf({ "spiece.model": goldenBytes("spm-unigram-fnet.model") }),
      await tokenizerOf({ "spiece.model": goldenBytes("spm-bpe-spaces.model") }),
      await Tokenizer.fromPretrained(goldenFolder("bpe-bytes")),
      await Tokenizer.fromPretrained(goldenFolder("unigram-first")),
    ];
    const texts = ["thequickbrownfox", "a", " ", "The quick brown fox, 42. ", "[MASK]", "中文字", "éà "];
    for (const tokenizer of tokenizers) {
      for (const text of texts) {
        const length = 2 ** 13;
        const [short, long] = [text.repeat(length / text.length), text.repeat((8 * length) / text.length)];
        tokenizer.encode(short, { maxLength: 1e9 });
        const once = await timeOf(() => tokenizer.encode(short, { maxLength: 1e9 }));
        const eightTimes = await timeOf(() => tokenizer.encode(long, { maxLength: 1e9 }));
        expect(eightTimes, `${JSON.stringify(text)}: ${once} ms, then ${eightTimes} ms`).toBeLessThan(32 * once + 500);
      }
    }
  },
);
