/** What one does with a tokenizer: lengths, windows, pairs, batches, decoding, saving; and what its results always are. */
import { gzipSync } from "node:zlib";
import { init, liveBytes } from "@x/layers";
import { openSource } from "@x/layers/model";
import { type Encoding, Tokenizer } from "@x/models-nlp";
import { beforeAll, describe, expect, test } from "vitest";
import { bertVocabulary, goldenBytes, goldenFolder, goldenJson, tokenizerOf } from "./tokenizer-golden.ts";

let bert: Tokenizer;
beforeAll(async () => {
  await init();
  bert = await tokenizerOf({ "vocab.txt": bertVocabulary(), "tokenizer_config.json": { model_max_length: 16 } });
});

const strategies = { longest_first: "longestFirst", only_first: "first", only_second: "second" } as const;

describe("lengths", () => {
  test("nothing is cut silently: the error names the length, the limit and the way out", () => {
    const text = "one two three ".repeat(6);
    expect(() => bert.encode(text)).toThrow("encode: the text is 20 tokens long, but at most 16 are allowed");
    expect(() => bert.encode(text)).toThrow(/truncation.*encodeWindows/);
    expect(bert.encode(text, { maxLength: 20 }).ids).toHaveLength(20);
    expect(bert.encode(text, { truncation: "longestFirst" }).ids).toHaveLength(16);
  });

  test("truncation keeps what Hugging Face's keeps", () => {
    const { cut } = goldenJson<{
      cut: { strategy: keyof typeof strategies; first: string; second: string | null; length: number; ids: number[] | null }[];
    }>("lengths.json");
    for (const { strategy, first, second, length, ids } of cut) {
      if (second === null && strategy === "only_second") continue;
      const encode = (): Encoding =>
        bert.encode(first, { ...(second !== null && { pair: second }), maxLength: length, truncation: strategies[strategy] });
      if (ids) expect({ strategy, length, ids: encode().ids }).toEqual({ strategy, length, ids });
      else expect(encode).toThrow(/can't be shortened/);
    }
  });

  test("windows overlap as Hugging Face's do", () => {
    interface Case {
      readonly first: string;
      readonly second: string | null;
      readonly window: "first" | "second";
      readonly length: number;
      readonly stride: number;
      readonly ids: number[][];
      readonly types: number[][];
      readonly offsets: [number, number][][];
    }
    for (const { first, second, window, length, stride, ids, types, offsets } of goldenJson<{ windows: Case[] }>("lengths.json").windows) {
      const found = bert.encodeWindows(first, { ...(second !== null && { pair: second }), window, maxLength: length, stride });
      expect(found.map((encoding) => encoding.ids)).toEqual(ids);
      expect(found.map((encoding) => encoding.typeIds)).toEqual(types);
      expect(found.map((encoding) => encoding.offsets)).toEqual(offsets);
    }
  });

  test("a stride that leaves no way forward is refused", () => {
    expect(() => bert.encodeWindows("a b c", { stride: 14 })).toThrow(
      /16 tokens leave room for 14 of the text, which must be more than the stride, 14/,
    );
    expect(() => bert.encodeWindows("a b c", { pair: "d e f", maxLength: 6, window: "first" })).toThrow(/leave room for 0/);
  });
});

describe("pairs and batches", () => {
  test("sequence ids and type ids", () => {
    const { sequenceIds, typeIds } = bert.encode("hello you", { pair: "how" });
    expect(sequenceIds).toEqual([null, 0, 0, null, 1, null]);
    expect(typeIds).toEqual([0, 0, 0, 0, 1, 1]);
    expect(bert.encode("hello", { pair: "you", addSpecialTokens: false }).ids).toEqual([7592, 2017]);
  });

  test("padding fills ids, mask and types, and frees them again", () => {
    const before = liveBytes();
    {
      using batch = bert.pad(bert.encodeBatch(["hello", "hello you there"]), { padToMultipleOf: 4 });
      expect(batch.inputIds.shape).toEqual([2, 8]);
      expect([...batch.inputIds.toTypedArray()]).toEqual([101, 7592, 102, 0, 0, 0, 0, 0, 101, 7592, 2017, 2045, 102, 0, 0, 0]);
      expect([...batch.attentionMask.toTypedArray()]).toEqual([1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0]);
      expect([...batch.tokenTypeIds.data].every((type) => type === 0)).toBe(true);
    }
    expect(liveBytes()).toBe(before);
    using wide = bert.pad([bert.encode("hello")], { length: 5 });
    expect(wide.inputIds.shape).toEqual([1, 5]);
    expect(() => bert.pad([bert.encode("hello you")], { length: 3 })).toThrow(/4 tokens long, more than 3/);
  });

  test("padding from the left where the files say so", async () => {
    const left = await tokenizerOf({ "vocab.txt": bertVocabulary(), "tokenizer_config.json": { padding_side: "left" } });
    using batch = left.pad(left.encodeBatch(["hello", "hello you"]));
    expect([...batch.inputIds.toTypedArray()]).toEqual([0, 101, 7592, 102, 101, 7592, 2017, 102]);
    expect([...batch.attentionMask.toTypedArray()]).toEqual([0, 1, 1, 1, 1, 1, 1, 1]);
  });

  test("without a padding token, texts must be of one length", async () => {
    const none = await Tokenizer.fromPretrained(goldenFolder("bpe-bytes"));
    expect(() => none.pad(none.encodeBatch(["a", "some more"]))).toThrow(/no padding token/);
    none.pad(none.encodeBatch(["a", "a"])).dispose();
  });
});

describe("ids and tokens", () => {
  test("special tokens of BERT", () => {
    expect(bert.special).toEqual({ pad: 0, unk: 100, cls: 101, sep: 102, mask: 103, bos: undefined, eos: undefined });
    expect([...bert.specialIds].sort((a, b) => a - b)).toEqual([0, 100, 101, 102, 103]);
    expect(bert.vocabSize).toBe(30522);
    expect([bert.tokenToId("hello"), bert.idToToken(7592), bert.tokenToId("nothing like it"), bert.idToToken(30522)]).toEqual([
      7592,
      "hello",
      undefined,
      undefined,
    ]);
  });

  test("special tokens by tokenizer_config.json and special_tokens_map.json", async () => {
    const files = {
      "vocab.txt": "<p>\n<u>\n<c>\n<s>\n<m>\nx\n",
      "special_tokens_map.json": { mask_token: { content: "<m>" }, cls_token: "<c>" },
    };
    const config = { mask_token: "x", pad_token: "<p>", unk_token: "<u>", cls_token: "wrong", sep_token: { content: "<s>" } };
    const tokenizer = await tokenizerOf({ ...files, "tokenizer_config.json": config });
    expect(tokenizer.special).toMatchObject({ pad: 0, unk: 1, cls: 2, sep: 3, mask: 4 });
    expect(tokenizer.encode("x <m>").ids).toEqual([2, 5, 4, 3]);
  });

  test("decode: special tokens, clean-up, and an id that is none", () => {
    const { ids } = bert.encode("Is n't it his ' own ' ?");
    expect(bert.decode(ids)).toBe("[CLS] is n ' t it his ' own '? [SEP]");
    expect(bert.decode(ids, { skipSpecialTokens: true })).toBe("is n ' t it his ' own '?");
    expect(bert.decode(ids, { skipSpecialTokens: true, cleanUp: true })).toBe("isn't it his'own '?");
    expect(bert.decode([])).toBe("");
    expect(() => bert.decode([30522])).toThrow("decode: the vocabulary has no id 30522");
  });

  test("an unlimited model_max_length is none", async () => {
    const files = { "vocab.txt": bertVocabulary(), "tokenizer_config.json": { model_max_length: 1e30 } };
    expect((await tokenizerOf(files)).maxLength).toBeUndefined();
    expect(bert.maxLength).toBe(16);
  });
});

describe("files", () => {
  test("what was read makes the same tokenizer again", async () => {
    for (const where of [goldenFolder("unigram-albert"), goldenFolder("clip")]) {
      const first = await Tokenizer.fromPretrained(where);
      const second = await tokenizerOf(Object.fromEntries(first.files));
      const text = "The quick brown fox, 42!";
      expect(second.encode(text)).toEqual(first.encode(text));
    }
    const fromJson = Tokenizer.fromJson(goldenJson("unigram-albert/tokenizer.json"), { model_max_length: 9 });
    const again = await tokenizerOf({ ...Object.fromEntries(fromJson.files), "config.json": { model_type: "bert" } });
    expect([again.maxLength, again.encode("the fox").ids]).toEqual([9, fromJson.encode("the fox").ids]);
  });

  test.each(goldenJson<{ name: string; files: Readonly<Record<string, object | string>> }[]>("files.json"))(
    "what was read makes the same tokenizer beside any model: $name",
    async ({ files }) => {
      const first = await tokenizerOf(files).catch(() => undefined);
      if (!first) return; // tokenizer-files.test.ts says why
      for (const model_type of ["bert", "mpnet", "roberta", "vit"]) {
        const second = await tokenizerOf({ ...Object.fromEntries(first.files), "config.json": { model_type } });
        for (const text of ["The quick brown fox, 42!", "a [MASK] b</s>"])
          expect(second.encode(text, { maxLength: 64 })).toEqual(first.encode(text, { maxLength: 64 }));
        expect([second.maxLength, second.paddingSide, second.notes]).toEqual([first.maxLength, first.paddingSide, first.notes]);
        expect(second.files).toEqual(first.files);
      }
    },
  );

  test("a model finds the tokenizer beside it, or that there is none", async () => {
    expect((await Tokenizer.findIn(await openSource(goldenFolder("clip"))))?.special.bos).toBeDefined();
    expect(await Tokenizer.findIn(await openSource(new Map([["config.json", new TextEncoder().encode("{}")]])))).toBeUndefined();
  });

  test("a place without a tokenizer, and files that can't be followed", async () => {
    await expect(tokenizerOf({ "config.json": {} })).rejects.toThrow(/there is no tokenizer here.*vocab\.txt/);
    await expect(tokenizerOf({ "tokenizer.json": "[]" })).rejects.toThrow(/not a JSON object/);
    await expect(tokenizerOf({ "vocab.txt": "a\nb\n" })).rejects.toThrow(/the vocabulary has no \[CLS\]/);
    const model = { type: "WordPiece", unk_token: "u", vocab: { u: 0 } };
    expect(() => Tokenizer.fromJson({ model: { ...model, type: "Magic" } })).toThrow("there is no model Magic here");
    expect(() => Tokenizer.fromJson({ model, normalizer: { type: "Magic" } })).toThrow("there is no normalizer Magic here");
    expect(() => Tokenizer.fromJson({ model, pre_tokenizer: { type: "Magic" } })).toThrow("there is no pre-tokenizer Magic here");
    expect(() => Tokenizer.fromJson({ model, post_processor: { type: "Magic" } })).toThrow("there is no post-processor Magic here");
    expect(() => Tokenizer.fromJson({ model, decoder: { type: "Magic" } })).toThrow("there is no decoder Magic here");
    expect(() => Tokenizer.fromJson({ model, normalizer: { type: "Replace", pattern: { Regex: "(" }, content: "" } })).toThrow(
      /can't be followed/,
    );
    expect(() => Tokenizer.fromJson({ model: { ...model, vocab: { u: "0" } } })).toThrow(/the id of "u" should be a whole number/);
  });
});

describe("cleaning", () => {
  test("OpenAI's CLIP: HTML entities twice, spaces, case, from a zipped file too; offsets are of the text as it was", async () => {
    const bytes = new Uint8Array(gzipSync(goldenBytes("clip/bpe_simple_vocab_16e6.txt")));
    const tokenizer = await tokenizerOf({ "bpe_simple_vocab_16e6.txt.gz": bytes });
    const text = " Fish &amp;amp; CHIPS\n\tnow ";
    const { ids, offsets } = tokenizer.encode(text);
    expect(ids).toEqual(tokenizer.encode("fish & chips now").ids);
    expect(tokenizer.maxLength).toBe(77);
    expect([ids[0], ids.at(-1)]).toEqual([tokenizer.special.bos, tokenizer.special.eos]);
    const and = tokenizer.tokenToId("&</w>") ?? -1;
    expect(text.slice(...(offsets[ids.indexOf(and)] as [number, number]))).toBe("&amp;amp;");
  });

  test("FNet: case and accents as configured", async () => {
    const model = goldenBytes("spm-unigram-fnet.model");
    const [kept, plain] = await Promise.all(
      [{}, { do_lower_case: true, keep_accents: false }].map((config) =>
        tokenizerOf({ "spiece.model": model, "tokenizer_config.json": config }),
      ),
    );
    expect(plain?.encode("CAFÉ dog").ids).toEqual(kept?.encode("cafe dog").ids);
    expect(kept?.encode("CAFÉ dog").ids).not.toEqual(kept?.encode("cafe dog").ids);
  });

  test("long runs of spaces and of letters take no long time", async () => {
    const tokenizers = [
      bert,
      await tokenizerOf({ "spiece.model": goldenBytes("spm-unigram-fnet.model") }),
      await tokenizerOf({ "spiece.model": goldenBytes("spm-bpe-fnet.model") }),
      await Tokenizer.fromPretrained(goldenFolder("wordpiece-split")),
      await Tokenizer.fromPretrained(goldenFolder("bpe-bytes")),
    ];
    const begin = performance.now();
    for (const text of [`x${" ".repeat(20_000)}[MASK]`, "the".repeat(7_000), "[MASK]".repeat(3_000)]) {
      for (const tokenizer of tokenizers) tokenizer.encode(text, { maxLength: 1e6 });
    }
    expect(performance.now() - begin).toBeLessThan(8_000);
  });
});

describe("laws", () => {
  const alphabet = [..."abcXYZ  \t\n.,'’éÉßİΣ中日한\u0301\u200d\u00ad😀👍🏽ﬁ①½[MASK]▁#"];

  /** Reproducible nonsense. */
  function nonsense(seed: number): string {
    let state = seed;
    const next = (below: number): number => (state = (state * 1103515245 + 12345) % 2147483648) % below;
    return Array.from({ length: next(40) }, () => alphabet[next(alphabet.length)]).join("");
  }

  test("offsets lie in the text, don't run backwards, keep pairs together, and slice to what the token says", async () => {
    const tokenizers = [
      await tokenizerOf({ "vocab.txt": bertVocabulary() }),
      await tokenizerOf({ "spiece.model": goldenBytes("spm-bpe-bytes.model") }),
      await tokenizerOf({ "spiece.model": goldenBytes("tiny_unigram.model") }),
      await Tokenizer.fromPretrained(goldenFolder("bpe-bytes")),
      await Tokenizer.fromPretrained(goldenFolder("clip")),
    ];
    for (let seed = 1; seed <= 300; seed++) {
      const text = nonsense(seed);
      for (const tokenizer of tokenizers) {
        const { ids, offsets, sequenceIds, wordIds } = tokenizer.encode(text, { maxLength: 1000 });
        expect(new Set([ids.length, offsets.length, sequenceIds.length, wordIds.length]).size).toBe(1);
        let last = 0;
        for (const [i, [begin, end]] of offsets.entries()) {
          if (sequenceIds[i] === null) continue;
          expect(
            begin >= last && end >= begin && end <= text.length,
            `${JSON.stringify(text)} at ${i}: ${begin} to ${end} after ${last}`,
          ).toBe(true);
          expect(/^[\udc00-\udfff]|[\ud800-\udbff]$/.test(text.slice(begin, end))).toBe(false);
          last = begin;
        }
      }
    }
  });

  test("BERT: a token of plain letters is its stretch of the text in lower case", async () => {
    const tokenizer = await tokenizerOf({ "vocab.txt": bertVocabulary() });
    const text = "The Quick, brown fox 😀 unbelievably JUMPS über café—Straße";
    const { ids, offsets } = tokenizer.encode(text, { addSpecialTokens: false });
    for (const [i, id] of ids.entries()) {
      const token = tokenizer.idToToken(id) ?? "";
      if (token === "[UNK]") continue;
      const stretch = text.slice(...(offsets[i] as [number, number])).toLowerCase();
      expect(stretch.normalize("NFD").replace(/\p{Mn}/gu, "")).toBe(token.replace(/^##/, ""));
    }
  });
});
