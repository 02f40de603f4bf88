/** BERT's pre-training: the data of both objectives, and their loss. */
import { AdamW, add, backward, crossEntropy, init, linearWithWarmup, liveBytes, noGrad, Rng, scope, train } from "@x/layers";
import { expectClose } from "@x/testing";
import { describe, expect, test } from "vitest";
import {
  BertForPreTraining,
  FNetForPreTraining,
  maskTokens,
  type MaskingOptions,
  preTrainingBatch,
  preTrainingLoss,
  preTrainingOutputs,
  type Sentence,
  type SentencePair,
  sentencePairs,
} from "../src/index.ts";

await init();

const [PAD, CLS, SEP, MASK] = [0, 1, 2, 3] as const;
const masking: MaskingOptions = { maskId: MASK, vocabSize: 1000, specialIds: new Set([PAD, CLS, SEP]) };

describe("masked words", () => {
  test("15 % of the tokens are to be predicted: 80 % are masked, 10 % random, 10 % kept; never a special one", () => {
    const rng = new Rng(1);
    const ids = [CLS, ...Array.from({ length: 60 }, (_, i) => 10 + i), SEP, ...Array.from({ length: 40 }, (_, i) => 100 + i), SEP];
    const count = { chosen: 0, masked: 0, kept: 0, random: 0, spoilt: 0 };
    const timesChosen = ids.map(() => 0);
    for (let text = 0; text < 600; text++) {
      const { ids: corrupted, labels } = maskTokens(ids, masking, rng);
      for (const [i, label] of labels.entries()) {
        if (label === -100) count.spoilt += corrupted[i] === ids[i] ? 0 : 1;
        else {
          count.spoilt += label === ids[i] ? 0 : 1;
          timesChosen[i]!++;
          count.chosen++;
          count[corrupted[i] === MASK ? "masked" : corrupted[i] === ids[i] ? "kept" : "random"]++;
        }
      }
    }
    expect(count.spoilt).toBe(0);
    expect(count.chosen).toBe(600 * 15);
    expect(count.masked / count.chosen).toBeCloseTo(0.8, 1.7);
    expect(count.random / count.chosen).toBeCloseTo(0.1, 1.7);
    expect(count.kept / count.chosen).toBeCloseTo(0.1, 1.7);
    const special = ids.map((id) => id <= SEP);
    expect(timesChosen.every((times, i) => (special[i] ? times === 0 : times > 45 && times < 140))).toBe(true);
  });

  test("the same seed masks the same; another, and the next call, something else", () => {
    const ids = Array.from({ length: 200 }, (_, i) => 10 + i);
    const rng = new Rng(5);
    const first = maskTokens(ids, masking, rng);
    expect(maskTokens(ids, masking, new Rng(5))).toEqual(first);
    expect(maskTokens(ids, masking, rng)).not.toEqual(first);
    expect(maskTokens(ids, masking, new Rng(6))).not.toEqual(first);
  });

  test("whole words: all pieces of a word are predicted, or none; never more than 15 %", () => {
    const ids = [CLS, ...Array.from({ length: 60 }, (_, i) => 10 + i), SEP];
    const wordIds = [null, ...Array.from({ length: 60 }, (_, i) => Math.floor(i / 3)), null];
    const rng = new Rng(2);
    for (let text = 0; text < 200; text++) {
      const { labels } = maskTokens(ids, masking, rng, wordIds);
      expect(labels.filter((label) => label !== -100)).toHaveLength(9);
      for (let word = 0; word < 20; word++)
        expect(new Set(labels.slice(1 + 3 * word, 4 + 3 * word).map((label) => label < 0)).size).toBe(1);
    }
    const long = maskTokens(ids, masking, rng, [null, ...Array<number>(60).fill(0), null]);
    expect(long.labels.every((label) => label === -100)).toBe(true); // a word of 60 pieces would be too much
  });

  test("a word's neighbours with the same number on the other side of a [SEP] are another word", () => {
    const ids = [CLS, 10, SEP, 11, SEP];
    for (let seed = 0; seed < 20; seed++) {
      const { labels } = maskTokens(ids, masking, new Rng(seed), [null, 0, null, 0, null]);
      expect(labels.filter((label) => label >= 0)).toHaveLength(1);
    }
  });

  test("at least one token, at most maxPredictions, none of a text of special tokens; other shares", () => {
    const predicted = (ids: number[], options: Partial<MaskingOptions>): number =>
      maskTokens(ids, { ...masking, ...options }, new Rng(3)).labels.filter((label) => label >= 0).length;
    expect(predicted([CLS, 10, 11, SEP], {})).toBe(1);
    expect(predicted(Array(100).fill(10), { maxPredictions: 4 })).toBe(4);
    expect(predicted(Array(100).fill(10), { share: 0.4 })).toBe(40);
    expect(predicted([CLS, SEP], {})).toBe(0);
    expect(() => maskTokens([10, 11], masking, new Rng(0), [0])).toThrow(
      "maskTokens: there must be a word for each token, but there are 1 words and 2 tokens",
    );
  });
});

/** Documents whose tokens tell where they are from: 1000 · (document + 1) + place. */
function documentsOf(count: number, sentences: number, tokens: (sentence: number) => number): Sentence[][] {
  return Array.from({ length: count }, (_, document) => {
    let place = 0;
    return Array.from({ length: sentences }, (__, sentence) => {
      const ids = Array.from({ length: tokens(sentence) }, () => 1000 * (document + 1) + place++);
      return { ids, wordIds: ids.map((___, i) => Math.floor(i / 2)) };
    });
  });
}

const halves = ({ ids }: SentencePair): [first: number[], second: number[]] => {
  const end = ids.indexOf(SEP);
  return [ids.slice(1, end), ids.slice(end + 1, -1)];
};
const documentOf = (id: number): number => Math.floor(id / 1000);
const pairOptions = { clsId: CLS, sepId: SEP, maxLength: 40 };

describe("next sentences", () => {
  const pairs = Array.from({ length: 12 }, (_, seed) => [
    ...sentencePairs(
      documentsOf(6, 60, (i) => 2 + ((7 * i) % 6)),
      pairOptions,
      new Rng(seed),
    ),
  ]).flat();

  test("label 0 continues the first text, label 1 is from another document; about half each", () => {
    for (const pair of pairs) {
      const [first, second] = halves(pair);
      for (const half of [first, second]) expect(half.every((id, i) => id === half[0]! + i)).toBe(true);
      expect(documentOf(second[0]!) === documentOf(first[0]!)).toBe(pair.nextSentence === 0);
      if (pair.nextSentence === 0) expect(second[0]).toBeGreaterThan(first.at(-1)!);
    }
    const share = pairs.filter(({ nextSentence }) => nextSentence === 0).length / pairs.length;
    expect(share).toBeGreaterThan(0.42);
    expect(share).toBeLessThan(0.55); // a rest of one sentence always gets a random one
    expect(pairs.length).toBeGreaterThan(500);
  });

  test("what follows begins right there, unless its beginning was cut off", () => {
    const next = pairs.filter(({ nextSentence }) => nextSentence === 0).map(halves);
    for (const [first, second] of next) expect(second[0]! - first.at(-1)! - 1).toBeLessThan(7); // the chunk's last sentence is cut off
    const roomy = [
      ...sentencePairs(
        documentsOf(3, 9, () => 3),
        { ...pairOptions, maxLength: 200 },
        new Rng(1),
      ),
    ];
    for (const pair of roomy.filter(({ nextSentence }) => nextSentence === 0)) {
      const [first, second] = halves(pair);
      expect(second[0]).toBe(first.at(-1)! + 1);
    }
  });

  test("[CLS] A [SEP] B [SEP], types 0 and 1, at most maxLength, mostly full, some short", () => {
    for (const { ids, typeIds, wordIds } of pairs) {
      expect(ids[0]).toBe(CLS);
      expect(ids.at(-1)).toBe(SEP);
      expect(ids.filter((id) => id === SEP)).toHaveLength(2);
      expect(ids.length).toBeLessThanOrEqual(40);
      expect(typeIds).toEqual(ids.map((_, i) => (i > ids.indexOf(SEP) ? 1 : 0)));
      expect(wordIds.map((word) => word === null)).toEqual(ids.map((id) => id <= SEP));
    }
    const lengths = pairs.map(({ ids }) => ids.length);
    expect(lengths.filter((length) => length >= 38).length / lengths.length).toBeGreaterThan(0.6);
    expect(lengths.filter((length) => length < 30).length / lengths.length).toBeGreaterThan(0.03);
  });

  test("words keep their own numbers where several sentences become one text", () => {
    const documents = documentsOf(2, 8, () => 4).map((document) => document.map(({ ids }) => ({ ids, wordIds: [0, 0, 1, 1] })));
    for (const { ids, wordIds } of sentencePairs(documents, { ...pairOptions, shortShare: 0 }, new Rng(4))) {
      for (const [i, word] of wordIds.entries()) {
        if (word === null || wordIds[i + 1] === null) continue;
        expect(word === wordIds[i + 1]).toBe(ids[i]! % 2 === 0);
      }
    }
  });

  test("every sentence is read, whatever is replaced by a random text coming again", () => {
    const documents = documentsOf(4, 30, () => 3);
    const seen = new Set(
      [...sentencePairs(documents, { ...pairOptions, shortShare: 0 }, new Rng(2))].flatMap((pair) =>
        halves(pair)[0].concat(pair.nextSentence === 0 ? halves(pair)[1] : []),
      ),
    );
    const all = documents.flat().flatMap(({ ids }) => ids);
    expect(all.filter((id) => seen.has(id)).length / all.length).toBeGreaterThan(0.9); // all but what was cut off
  });

  test("the same seed gives the same pairs; too few documents and too little room are refused", () => {
    const documents = documentsOf(3, 10, () => 5);
    const run = (seed: number): SentencePair[] => [...sentencePairs(documents, pairOptions, new Rng(seed))];
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
    expect(() => [...sentencePairs([documents[0]!, [], [{ ids: [], wordIds: [] }]], pairOptions, new Rng(0))]).toThrow(
      "sentencePairs: there must be two documents with tokens, but there are 1",
    );
    expect(() => [...sentencePairs(documents, { ...pairOptions, maxLength: 4 }, new Rng(0))]).toThrow(
      "sentencePairs: maxLength must be a whole number from 5 on, but is 4",
    );
  });
});

const tiny = {
  vocabSize: 44,
  hiddenSize: 24,
  numHiddenLayers: 2,
  numAttentionHeads: 3,
  intermediateSize: 48,
  maxPositionEmbeddings: 32,
  hiddenDropoutProb: 0,
  attentionProbsDropoutProb: 0,
};
const options = { ...masking, vocabSize: 44, padId: PAD };

/** Eight documents, each in a language of its own of five words. */
function talk(): Sentence[][] {
  return Array.from({ length: 8 }, (_, document) => {
    let word = 0;
    return Array.from({ length: 10 }, () => {
      const ids = Array.from({ length: 5 }, () => 4 + 5 * document + (word = (word + 3) % 5));
      return { ids, wordIds: ids.map((__, i) => i) };
    });
  });
}

const talkPairs = (seed: number): SentencePair[] => [...sentencePairs(talk(), { clsId: CLS, sepId: SEP, maxLength: 24 }, new Rng(seed))];

describe("the loss of both", () => {
  test("a batch: masked, padded, and what is to be found", () => {
    const pairs = talkPairs(1).slice(0, 5);
    scope(() => {
      const { text, wordLabels, nextSentenceLabels } = preTrainingBatch(pairs, { ...options, length: 30 }, new Rng(2));
      expect(text.inputIds.shape).toEqual([5, 30]);
      expect([...nextSentenceLabels.toTypedArray()]).toEqual(pairs.map(({ nextSentence }) => nextSentence));
      for (const [row, { ids, typeIds }] of pairs.entries()) {
        const at = (values: Int32Array): number[] => [...values.subarray(30 * row, 30 * (row + 1))];
        const fill = (values: readonly number[], filler: number): number[] => [...values, ...Array(30 - values.length).fill(filler)];
        expect(at(text.attentionMask.data)).toEqual(
          fill(
            ids.map(() => 1),
            0,
          ),
        );
        expect(at(text.tokenTypeIds.data)).toEqual(fill(typeIds, 0));
        const restored = at(wordLabels.data).map((label, i) => (label >= 0 ? label : at(text.inputIds.data)[i]));
        expect(restored).toEqual(fill(ids, PAD));
        expect(at(wordLabels.data).some((label) => label >= 0)).toBe(true);
      }
    });
    expect(() => preTrainingBatch(pairs, { ...options, length: 6 }, new Rng(2))).toThrow(/a pair is \d+ tokens long, more than 6/);
    expect(() => preTrainingBatch([], options, new Rng(2))).toThrow("preTrainingBatch: there must be at least one pair");
  });

  test.each([
    ["BERT", BertForPreTraining],
    ["FNet", FNetForPreTraining],
  ] as const)("%s: logits of the masked places alone give the loss and gradients of all the logits", async (_, kind) => {
    using model = await (kind as typeof BertForPreTraining).fromConfig(tiny, { rng: new Rng(3) });
    scope(() => {
      const batch = preTrainingBatch(talkPairs(2).slice(0, 6), options, new Rng(4));
      const whole = model.forward(batch.text);
      const wholeLoss = add(
        crossEntropy(whole.wordLogits, batch.wordLabels),
        crossEntropy(whole.nextSentenceLogits, batch.nextSentenceLabels),
      );
      backward(wholeLoss);
      const expected = new Map([...model.namedParameters()].map(([path, { grad }]) => [path, grad!.toTypedArray()]));
      model.zeroGrad();
      const loss = preTrainingLoss(preTrainingOutputs(model, batch), batch);
      expectClose(loss.toTypedArray(), wholeLoss.data);
      backward(loss);
      for (const [path, { grad }] of model.namedParameters()) expectClose(grad!.toTypedArray(), expected.get(path)!, path);
      model.zeroGrad();
    });
  });

  test("pre-training steps on both objectives together lower both losses, and leave no byte behind", { timeout: 60_000 }, async () => {
    using model = await BertForPreTraining.fromConfig({ ...tiny, hiddenSize: 48 }, { rng: new Rng(5) });
    const held = talkPairs(99);
    const losses = (): [word: number, next: number] =>
      noGrad(() => {
        const batch = preTrainingBatch(held, options, new Rng(6));
        const { wordLogits, wordLabels, nextSentenceLogits } = preTrainingOutputs(model, batch);
        return [crossEntropy(wordLogits, wordLabels).item(), crossEntropy(nextSentenceLogits, batch.nextSentenceLabels).item()];
      });
    const before = losses();
    const live: number[] = [];
    const steps = 120;
    const optimizer = new AdamW(model.train().parameters(), { learningRate: 3e-3 });
    const pairs = Array.from({ length: 12 }, (_, seed) => talkPairs(seed)).flat();
    const rng = new Rng(7);
    await train({
      optimizer,
      steps,
      schedule: linearWithWarmup(3e-3, 15, steps),
      maxGradientNorm: 1,
      onStep: () => live.push(liveBytes()),
      loss: (step) => {
        const batch = preTrainingBatch(
          Array.from({ length: 32 }, (_, i) => pairs[(step * 32 + i) % pairs.length]!),
          options,
          rng,
        );
        return preTrainingLoss(preTrainingOutputs(model, batch), batch);
      },
    });
    optimizer.dispose();
    model.eval();
    const after = losses();
    expect(new Set(live.slice(1)).size).toBe(1);
    const random = held.filter(({ nextSentence }) => nextSentence === 1).length / held.length;
    const byFrequency = [Math.log(40), -random * Math.log(random) - (1 - random) * Math.log(1 - random)] as const; // knowing no text
    for (const i of [0, 1] as const) {
      expect(before[i]).toBeGreaterThan(0.95 * byFrequency[i]);
      expect(after[i]).toBeLessThan(0.8 * byFrequency[i]);
    }
  });
});
