/** SentencePiece models against Google's own library, and what Hugging Face makes of them for Marian and FNet. */
import { describe, expect, test } from "vitest";
import { readSentencePieceFile } from "../src/tokenizer/files/sentence-piece-file.ts";
import { goldenBytes, goldenJson, tokenizerOf } from "./tokenizer-golden.ts";

interface Row {
  readonly text: string;
  readonly ids: readonly number[];
  /** Begin and end of each piece, in turn. */
  readonly offsets: readonly number[];
  readonly decoded: string;
  readonly fnet?: readonly number[];
}

const plain = ["tiny_unigram", "tiny_spm_bpe", "spm-unigram-bytes", "spm-bpe-bytes", "spm-unigram-spaces", "spm-bpe-spaces"];

describe("as Google's sentencepiece", () => {
  for (const name of plain) {
    test(name, async () => {
      const tokenizer = await tokenizerOf({ "spiece.model": goldenBytes(`${name}.model`) });
      for (const { text, ids, offsets, decoded } of goldenJson<Row[]>(`${name}.json`)) {
        if (/<unk>|<\/?s>/.test(text)) continue; // sentencepiece finds no special tokens in a text; Hugging Face's tokenizers, and ours, do
        const encoding = tokenizer.encode(text);
        expect({ text, ids: encoding.ids }).toEqual({ text, ids });
        const bytes = ids.map((id) => tokenizer.idToToken(id)?.startsWith("<0x"));
        for (const [i, [begin, end]] of encoding.offsets.entries()) {
          if (bytes[i]) continue; // sentencepiece gives the whole character to the last of its bytes, we to each
          const [googleBegin = 0, googleEnd = 0] = offsets.slice(2 * i);
          expect({ text, i, begin }).toEqual({ text, i, begin: googleBegin });
          // Where one character became several pieces, sentencepiece gives it to the last, we to each; what is dropped, to the piece before, we to none.
          if (end > googleEnd) expect(Array.from(text.slice(googleEnd, end))).toHaveLength(1);
          if (end < googleEnd) expect(text.slice(end, googleEnd)).toMatch(/^[\s\p{C}▁]+$/u);
        }
        expect({ text, decoded: tokenizer.decode(ids) }).toEqual({ text, decoded });
      }
    });
  }
});

describe("FNet", () => {
  for (const kind of ["unigram", "bpe"]) {
    test(`${kind}: a piece that ends in "digit," is cut again, and quotes are typewriter's`, async () => {
      const tokenizer = await tokenizerOf({ "spiece.model": goldenBytes(`spm-${kind}-fnet.model`) });
      const rows = goldenJson<Row[]>(`spm-${kind}-fnet.json`).filter(({ text }) => !/\[(CLS|SEP|MASK)\]|<unk>|<\/?s>/.test(text));
      for (const { text, fnet } of rows) {
        const { ids } = tokenizer.encode(text, { addSpecialTokens: false });
        expect({ text, ids }).toEqual({ text, ids: fnet });
      }
      expect(rows.some(({ ids, fnet }) => JSON.stringify(ids) !== JSON.stringify(fnet))).toBe(true);
    });
  }

  test("[CLS] A [SEP] B [SEP], types 0 and 1; [MASK] takes the space before it", async () => {
    const tokenizer = await tokenizerOf({ "spiece.model": goldenBytes("spm-unigram-fnet.model") });
    const { cls, sep, mask = -1 } = tokenizer.special;
    const { ids, typeIds, offsets } = tokenizer.encode("the [MASK].", { pair: "a" });
    expect([ids[0], ids.filter((id) => id === sep).length, ids.at(-1)]).toEqual([cls, 2, sep]);
    expect(typeIds.slice(ids.indexOf(sep ?? -1) + 1).every((type) => type === 1)).toBe(true);
    expect(offsets[ids.indexOf(mask)]).toEqual([3, 10]);
    expect(tokenizer.special.pad).toBe(3);
  });
});

test("a precompiled character map goes by graphemes in tokenizer.json, as Hugging Face's does", async () => {
  const { pieces, precompiledCharsmap } = readSentencePieceFile(goldenBytes("tiny_unigram.model"), "tiny_unigram.model");
  const tokenizer = await tokenizerOf({
    "tokenizer.json": {
      normalizer: {
        type: "Sequence",
        normalizers: [
          { type: "Precompiled", precompiled_charsmap: Buffer.from(precompiledCharsmap).toString("base64") },
          { type: "Replace", pattern: { Regex: " {2,}" }, content: " " },
        ],
      },
      pre_tokenizer: { type: "Metaspace" },
      decoder: { type: "Metaspace" },
      model: { type: "Unigram", unk_id: 0, vocab: pieces.map(({ piece, score }) => [piece, score]) },
    },
  });
  const rows = goldenJson<(Row & { words: number[] })[]>("precompiled.json");
  for (const [i, text] of goldenJson<string[]>("texts.json").entries()) {
    const { ids, offsets, wordIds } = tokenizer.encode(text);
    const { ids: googleIds, offsets: places, words } = rows[i] ?? {};
    expect({ text, ids, offsets: offsets.flat(), wordIds }).toEqual({ text, ids: googleIds, offsets: places, wordIds: words });
    expect(tokenizer.decode(ids)).toBe(rows[i]?.decoded);
  }
});

describe("Marian", () => {
  const files = {
    "source.spm": goldenBytes("tiny_unigram.model"),
    "target.spm": goldenBytes("tiny_spm_bpe.model"),
    "vocab.json": goldenJson<object>("marian/vocab.json"),
  };

  test("ids of either language, a language code kept whole, </s> at the end, and back", async () => {
    const [source, target] = [await tokenizerOf(files), await tokenizerOf(files, { side: "target" })];
    const rows = goldenJson<{ text: string; source: number[]; target: number[]; decoded: [string, string] }[]>("marian.json");
    for (const row of rows) {
      const { text } = row;
      const found = [source.encode(text).ids, target.encode(text).ids];
      expect({ text, found }).toEqual({ text, found: [row.source, row.target] });
      const decoded = found.map((ids) => target.decode(ids, { skipSpecialTokens: true }));
      expect({ text, decoded }).toEqual({ text, decoded: row.decoded });
    }
    expect(source.special).toMatchObject({ eos: 0, unk: 1, pad: source.vocabSize - 1 });
    expect(source.idToToken(source.encode(">>fr<< the fox").ids[0] ?? -1)).toBe(">>fr<<");
  });

  test("offsets", async () => {
    const text = ">>fr<< the quick 日本 fox";
    const { offsets } = (await tokenizerOf(files)).encode(text);
    expect(offsets.map(([begin, end]) => text.slice(begin, end))).toEqual([">>fr<<", "the", " quick", " ", "日本", " fox", ""]);
  });

  test("a missing part is named", async () => {
    await expect(tokenizerOf({ "source.spm": files["source.spm"], "vocab.json": {} })).rejects.toThrow(/<unk>/);
    await expect(tokenizerOf({ "source.spm": files["source.spm"] })).rejects.toThrow(/source\.spm, target\.spm and vocab\.json/);
  });
});

test("damaged files are refused", async () => {
  const model = goldenBytes("tiny_unigram.model");
  await expect(tokenizerOf({ "spiece.model": new Uint8Array([1, 2, 3, 255]) })).rejects.toThrow(
    /spiece\.model is not a SentencePiece model/,
  );
  await expect(tokenizerOf({ "spiece.model": new Uint8Array() })).rejects.toThrow(/has no pieces/);
  await expect(tokenizerOf({ "spiece.model": model.slice(0, 5000) })).rejects.toThrow();
});
