import { expect, test } from "vitest";
import { jointTokenizer } from "../src/joint-tokenizer.ts";
import { trainBytePairs } from "../src/train-byte-pairs.ts";

test("the commonest pairs are joined first, the counts following the merges: Sennrich et al. 2016, §3.2", () => {
  const texts = [
    ...Array<string>(5).fill("low"),
    ...Array<string>(2).fill("lower"),
    ...Array<string>(6).fill("newest"),
    ...Array<string>(3).fill("widest"),
  ];
  const { merges, tokens } = trainBytePairs(texts, 20);
  expect(merges.slice(0, 4).map((merge) => merge.join(" "))).toEqual(["e s", "es t", "l o", "lo w"]);
  expect(tokens).toHaveLength(20);
  expect(trainBytePairs(["ab ab"], 100).tokens).toEqual(["a", "b", "▁", "ab", "▁ab"]);
});

test("text is cut with those merges, comes back as it was, and ends with its token", () => {
  const texts = [
    "A modifier cannot be used here.",
    "Ein Modifizierer '{0}' darf hier nicht verwendet werden.",
    'Der Typ "{1}" ist größer als 10.',
  ];
  const tokenizer = jointTokenizer([...texts, ...texts], 90);
  for (const text of [...texts, "'{0}' ist hier Typ"]) {
    const { ids } = tokenizer.encode(text);
    expect(ids.at(-1)).toBe(2);
    expect(ids.length).toBeLessThan(text.length);
    expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe(text);
  }
  expect(tokenizer.special).toMatchObject({ pad: 0, bos: 1, eos: 2, unk: 3 });
  expect(tokenizer.encode("日").ids).toContain(3);
});
