/** A text of a megabyte doesn't keep others waiting, whatever the tokenizer, and comes out as in one go. */
import { Tokenizer } from "@x/models-nlp";
import { describe, expect, test } from "vitest";
import { bertVocabulary, goldenBytes, goldenFolder, tokenizerOf } from "./tokenizer-golden.ts";

const tokenizers = {
  WordPiece: () => tokenizerOf({ "vocab.txt": bertVocabulary() }),
  "SentencePiece, unigram": () => tokenizerOf({ "spiece.model": goldenBytes("spm-unigram-fnet.model") }),
  "SentencePiece, BPE": () => tokenizerOf({ "spiece.model": goldenBytes("spm-bpe-spaces.model") }),
  "BPE of bytes": () => Tokenizer.fromPretrained(goldenFolder("bpe-bytes")),
  Unigram: () => Tokenizer.fromPretrained(goldenFolder("unigram-first")),
};
const texts = {
  prose: "The quick brown fox, 42. ",
  "one word": "thequickbrownfox",
  accents: "éà ",
};

/** Processor time of this thread where that is told, in milliseconds: the machine may be busy, and others collect its garbage. */
function processorTime(): number {
  const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage();
  return (user + system) / 1000;
}

/** The longest that others wait for their turn while something is done. */
async function longestGap(work: () => Promise<unknown>): Promise<number> {
  let [last, longest] = [processorTime(), 0];
  const look = (): void => {
    const now = processorTime();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const looking = setInterval(look, 1);
  await work().finally(() => clearInterval(looking));
  look();
  return longest;
}

const long = (text: string, length: number): string => text.repeat(Math.ceil(length / text.length));

describe.each(Object.entries(tokenizers))("%s", (_, open) => {
  test.each(Object.entries(texts))("%s: the same ids, in turns", async (__, text) => {
    const tokenizer = await open();
    const some = `${long(text, 10_000)} and ${text}`;
    expect(await tokenizer.encodeAsync(some, { maxLength: Infinity })).toEqual(tokenizer.encode(some, { maxLength: Infinity }));
    await tokenizer.encodeAsync(long(text, 200_000), { maxLength: Infinity }); // compiled by now
    const gap = await longestGap(() => tokenizer.encodeAsync(long(text, 2 ** 20), { maxLength: Infinity }));
    expect(gap).toBeLessThan(200); // some 10 to 60, where in one go it is 500 to 2000
  });

  test("windows, and an end in the middle", async () => {
    const tokenizer = await open();
    const text = long(texts.prose, 20_000);
    const options = { maxLength: 64, stride: 8 };
    expect(await tokenizer.encodeWindowsAsync(text, options)).toEqual(tokenizer.encodeWindows(text, options));
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("enough")), 1);
    const whole = tokenizer.encodeAsync(long(texts.prose, 2 ** 20), { maxLength: Infinity, signal: controller.signal });
    await expect(whole).rejects.toThrow("enough");
  });
});
