import { init, liveBytes, Rng, scope, tensor, type Tensor, zeros } from "@x/layers";
import { maskTokens, type PreTrainingModel, type SentencePair } from "@x/models-nlp";
import { expect, test } from "vitest";
import { evaluate, withoutReading } from "../src/evaluate.ts";

await init();

const [vocabSize, maskId] = [20, 3];
const masking = { maskId, vocabSize, specialIds: new Set([0, 1, 2]) };
const options = { ...masking, padId: 0, length: 32 };
const pairs: SentencePair[] = Array.from({ length: 40 }, (_, pair) => {
  const words = Array.from({ length: 28 }, (__, i) => 4 + ((7 * i + pair) % 16));
  const ids = [1, ...words.slice(0, 14), 2, ...words.slice(14), 2];
  return { ids, typeIds: ids.map((__, i) => (i > 15 ? 1 : 0)), wordIds: ids.map((id, i) => (id < 3 ? null : i)), nextSentence: 1 };
});

/** Says of every place what it sees there. */
const copier: PreTrainingModel = {
  encode: ({ inputIds }): Tensor => {
    const oneHot = new Float32Array(inputIds.size * vocabSize);
    for (const [i, id] of inputIds.data.entries()) oneHot[i * vocabSize + id] = 10;
    return tensor(oneHot, [...inputIds.shape, vocabSize]);
  },
  pool: (tokens) => zeros([tokens.shape[0] ?? 0, 2]),
  predictions: { forward: (tokens) => tokens },
  nextSentence: { forward: (texts) => texts },
};

test("repeating what stands there is not reading: words that were kept don't count", () => {
  const before = liveBytes();
  const rng = new Rng(1);
  const kept = pairs.flatMap(({ ids }) => {
    const masked = maskTokens(ids, masking, rng);
    return masked.labels.filter((label, i) => label === masked.ids[i]);
  });
  expect(kept.length).toBeGreaterThan(0); // there are such words
  const scores = evaluate(copier, pairs, options, 8);
  expect(scores.words).toBe(0);
  expect(scores.numWords).toBeGreaterThan(80);
  expect(liveBytes()).toBe(before);
});

test("the baseline is asked for the same words", () => {
  const counts = new Map(Array.from({ length: 16 }, (_, i) => [4 + i, i === 5 ? 30 : 20]));
  const baseline = scope(() => withoutReading(counts, vocabSize, pairs, options, 8));
  expect(baseline.numWords).toBe(evaluate(copier, pairs, options, 8).numWords);
  expect(baseline.words).toBeGreaterThan(0);
  expect(baseline.words).toBeLessThan(0.15); // each word is one in sixteen
});
