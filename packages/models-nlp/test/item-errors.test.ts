/** Every task on lists: one bad text doesn't stop the others where `onError` is there to be told. */
import { type BatchOptions, init, type ItemErrors, liveBytes, XError } from "@x/layers";
import {
  answer,
  BertForMaskedLM,
  BertForQuestionAnswering,
  BertForSequenceClassification,
  BertForTokenClassification,
  classifyText,
  embedText,
  fillMask,
  Marian,
  rank,
  scorePairs,
  SentenceEncoder,
  tagTokens,
  Tokenizer,
  translate,
} from "@x/models-nlp";
import { pipeline } from "@x/models-nlp/auto";
import { afterAll, describe, expect, expectTypeOf, test } from "vitest";
import { goldenFolder } from "./golden.ts";

await init();
const special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
const tokenizer = Tokenizer.fromJson({
  added_tokens: special.map((content, id) => ({ id, content, special: true })),
  pre_tokenizer: { type: "WhitespaceSplit" },
  model: { type: "WordPiece", vocab: Object.fromEntries([...special, "a", "b"].map((word, id) => [word, id])), unk_token: "[UNK]" },
  post_processor: { type: "BertProcessing", sep: ["[SEP]", 3], cls: ["[CLS]", 2] },
});
const size = { vocabSize: 7, hiddenSize: 8, numHiddenLayers: 1, numAttentionHeads: 2, intermediateSize: 8, maxPositionEmbeddings: 10 };
const withTokenizer = <Model extends { tokenizer: unknown }>(model: Model): Model => Object.assign(model, { tokenizer });
const before = liveBytes();
const classifier = withTokenizer(await BertForSequenceClassification.fromConfig(size));
const reranker = withTokenizer(await BertForSequenceClassification.fromConfig({ ...size, id2label: { 0: "score" } }));
const masked = withTokenizer(await BertForMaskedLM.fromConfig(size));
const tagger = withTokenizer(await BertForTokenClassification.fromConfig(size));
const answerer = withTokenizer(await BertForQuestionAnswering.fromConfig(size));
const sentences = withTokenizer(await SentenceEncoder.fromConfig(size));
const marian = await Marian.fromPretrained(goldenFolder("marian"));
Object.assign(marian, { tokenizer, targetTokenizer: tokenizer });

afterAll(() => {
  for (const model of [classifier, reranker, masked, tagger, answerer, sentences, marian]) model.dispose();
  expect(liveBytes()).toBe(before);
});

const tooLong = "a ".repeat(20);
type Run = (items: never[], options?: BatchOptions & Partial<ItemErrors>) => Promise<readonly unknown[]>;

/** What can be dealt with, what can't, and the task. */
const tasks: Readonly<Record<string, readonly [good: readonly unknown[], bad: readonly unknown[], run: Run]>> = {
  embedText: [["a", "a b", ""], [tooLong, 5, null], (texts, options) => embedText(sentences, texts, options)],
  classifyText: [["a", ["a", "b"]], [tooLong, 5, ["a"], ["a", "b", "c"]], (texts, options) => classifyText(classifier, texts, options)],
  fillMask: [["[MASK]", "a [MASK]"], ["a", "[MASK] [MASK]", undefined, `[MASK] ${tooLong}`], (texts, options) => fillMask(masked, texts, options)],
  tagTokens: [["a", "a b"], [tooLong, {}], (texts, options) => tagTokens(tagger, texts, { ignoreLabels: [], ...options })],
  answer: [
    [{ question: "a", context: "b a" }, { question: "b", context: tooLong }], // read in windows
    [{ question: tooLong, context: "a" }, { question: "a" }, null],
    (questions, options) => answer(answerer, questions, options),
  ],
  translate: [["a", "a b"], [tooLong.repeat(100), Number.NaN], (texts, options) => translate(marian, texts, { maxLength: 4, ...options })],
  scorePairs: [[["a", "b"], ["b", ""]], [["a"], "ab", [1, 2]], (pairs, options) => scorePairs(reranker, pairs, options)],
}; // prettier-ignore

describe.each(Object.entries(tasks))("%s", (_, [good, bad, run]) => {
  const mixed = good.flatMap((one, i) => (i === 0 ? [...bad, one] : [one]));

  test("those that can be dealt with are as they would be alone, the others are undefined", async () => {
    const told: number[] = [];
    const onError = async (error: XError, index: number): Promise<void> => {
      expect(error).toBeInstanceOf(XError);
      await Promise.resolve();
      told.push(index);
    };
    const expected = await run(good as never[]);
    expect(await run(mixed as never[], { onError })).toEqual([...bad.map(() => undefined), ...expected]);
    expect(told).toEqual([...bad.keys()]);
    expect(await run(bad as never[], { onError })).toEqual(bad.map(() => undefined));
  });

  test("without it the first ends the call, and so does what it throws", async () => {
    await expect(run(mixed as never[])).rejects.toThrow(XError);
    const onError = (): never => {
      throw new RangeError("stop");
    };
    await expect(run(mixed as never[], { onError })).rejects.toThrow(RangeError);
  });
});

test("rank leaves them out, and keeps the others' places", async () => {
  const told: number[] = [];
  const found = await rank(reranker, "a", ["a", 5 as never, "b"], { onError: (_, index) => told.push(index) });
  expect(found.map(({ index }) => index).sort()).toEqual([0, 2]);
  expect(told).toEqual([1]);
});

test("types and pipelines say that a result may be missing only where onError is given", async () => {
  const onError = (): void => undefined;
  expectTypeOf(embedText(sentences, ["a"])).resolves.toEqualTypeOf<Float32Array[]>();
  expectTypeOf(embedText(sentences, ["a"], { onError })).resolves.toEqualTypeOf<(Float32Array | undefined)[]>();
  expectTypeOf(scorePairs(reranker, [["a", "b"]], { onError })).resolves.toEqualTypeOf<(number | undefined)[]>();
  using embed = await pipeline("feature-extraction", goldenFolder("sentence_mpnet"));
  expectTypeOf(embed(["a"])).resolves.toEqualTypeOf<Float32Array[]>();
  expectTypeOf(embed(["a"], { onError })).resolves.toEqualTypeOf<(Float32Array | undefined)[]>();
  const vectors = await embed(["a", null as never], { onError });
  expect(vectors.map((vector) => vector?.length)).toEqual([expect.any(Number), undefined]);
});
