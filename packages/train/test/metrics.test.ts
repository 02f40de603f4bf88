/** Metrics against the figures of scikit-learn, scipy, seqeval and SQuAD's script: metrics.json, written by tools/reference/metrics.py. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  accuracy,
  answerScores,
  bleu,
  classScores,
  confusionMatrix,
  entityScores,
  macroF1,
  multiLabelScores,
  pearson,
  retrievalScores,
  spearman,
  topKAccuracy,
} from "../src/index.ts";

interface Scores {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly support: number;
}
interface Goldens {
  readonly classification: readonly {
    readonly classes: number;
    readonly labels: readonly number[];
    readonly guesses: readonly number[];
    readonly confusion: readonly (readonly number[])[];
    readonly accuracy: number;
    readonly macroF1: number;
    readonly precision: readonly number[];
    readonly recall: readonly number[];
    readonly f1: readonly number[];
    readonly support: readonly number[];
  }[];
  readonly topK: readonly {
    readonly labels: readonly number[];
    readonly logits: readonly (readonly number[])[];
    readonly topK: Record<string, number>;
  }[];
  readonly retrieval: readonly {
    readonly similarities: readonly (readonly number[])[];
    readonly recall: Readonly<Record<string, number>>;
    readonly meanReciprocalRank: number;
  }[];
  readonly multiLabel: readonly {
    readonly classes: number;
    readonly labels: readonly (readonly number[])[];
    readonly guesses: readonly (readonly number[])[];
    readonly accuracy: number;
    readonly microF1: number;
    readonly macroF1: number;
  }[];
  readonly correlation: readonly {
    readonly a: readonly number[];
    readonly b: readonly number[];
    /** null: not a number. */
    readonly pearson: number | null;
    readonly spearman: number | null;
  }[];
  readonly entities: readonly {
    readonly right: readonly (readonly string[])[];
    readonly found: readonly (readonly string[])[];
    readonly micro: Scores;
    readonly kinds: Record<string, Scores>;
  }[];
  readonly answers: readonly {
    readonly found: readonly string[];
    readonly right: readonly (readonly string[])[];
    readonly exactMatch: number;
    readonly f1: number;
  }[];
}
const goldens = JSON.parse(readFileSync(new URL("../golden/metrics.json", import.meta.url), "utf8")) as Goldens;

test.each(goldens.classification)("one label: $classes classes", (golden) => {
  const matrix = confusionMatrix(golden.guesses, golden.labels, golden.classes);
  expect(matrix).toEqual(golden.confusion);
  expect(accuracy(matrix)).toBeCloseTo(golden.accuracy, 12);
  expect(macroF1(matrix)).toBeCloseTo(golden.macroF1, 12);
  for (const [i, scores] of classScores(matrix).entries()) {
    for (const name of ["precision", "recall", "f1", "support"] as const) expect(scores[name]).toBeCloseTo(golden[name][i] ?? -1, 12);
  }
});

test.each(goldens.topK)("the label among the k highest", ({ labels, logits, topK }) => {
  for (const [k, share] of Object.entries(topK)) expect(topKAccuracy(logits, labels, Number(k))).toBeCloseTo(share, 12);
});

test.each(goldens.multiLabel)("several labels at once", ({ classes, labels, guesses, ...expected }) => {
  const found = multiLabelScores(guesses, labels, classes);
  for (const [name, value] of Object.entries(expected)) expect(found[name as "accuracy"]).toBeCloseTo(value, 12);
});

test.each(goldens.correlation)("correlations", ({ a, b, ...expected }) => {
  for (const [correlation, value] of [
    [pearson, expected.pearson],
    [spearman, expected.spearman],
  ] as const) {
    const found = correlation(a, b);
    if (value === null) expect(found).toBeNaN();
    else expect(found).toBeCloseTo(value, 9);
    expect(Math.abs(found)).not.toBeGreaterThan(1);
  }
});

describe("entities", () => {
  test.each(goldens.entities)("as seqeval counts them", ({ right, found, micro, kinds }) => {
    const scores = entityScores(found, right);
    expect(scores).toMatchObject({
      precision: expect.closeTo(micro.precision, 12),
      recall: expect.closeTo(micro.recall, 12),
      f1: expect.closeTo(micro.f1, 12),
    });
    expect(Object.keys(scores.kinds).sort()).toEqual(Object.keys(kinds).sort());
    for (const [kind, expected] of Object.entries(kinds)) {
      for (const [name, value] of Object.entries(expected)) expect(scores.kinds[kind]?.[name as "f1"]).toBeCloseTo(value, 12);
    }
  });
});

test.each(goldens.answers)("answers, as SQuAD's script scores them", ({ found, right, exactMatch, f1 }) => {
  const scores = answerScores(found, right);
  expect(scores.exactMatch).toBeCloseTo(exactMatch, 10);
  expect(scores.f1).toBeCloseTo(f1, 10);
});

test.each(goldens.retrieval)("retrieval, as scikit-learn ranks", ({ similarities, recall, meanReciprocalRank }) => {
  const scores = retrievalScores(similarities);
  for (const k of [1, 5, 10] as const) expect(scores[`recallAt${k}`]).toBeCloseTo(recall[k] ?? -1, 12);
  expect(scores.meanReciprocalRank).toBeCloseTo(meanReciprocalRank, 12);
});

test("retrieval: query i's own is candidate i; of equals the first stands first", () => {
  const similarities = [
    [0.9, 0.1, 0.2],
    [0.5, 0.5, 0.1],
    [0.3, 0.2, 0.1],
  ];
  expect(retrievalScores(similarities)).toEqual({
    recallAt1: 1 / 3,
    recallAt5: 1,
    recallAt10: 1,
    meanReciprocalRank: (1 + 1 / 2 + 1 / 3) / 3,
  });
});

test("what doesn't belong together is refused", () => {
  const calls: Readonly<Record<string, () => unknown>> = {
    confusionMatrix: () => confusionMatrix([0, 1], [0], 2),
    topKAccuracy: () => topKAccuracy([[1, 2]], [0, 1], 1),
    multiLabelScores: () => multiLabelScores([[0, 1]], [], 2),
    pearson: () => pearson([1, 2], [1, 2, 3]),
    answerScores: () => answerScores(["a"], []),
    bleu: () => bleu(["a"], ["a", "b"]),
    "entityScores, text 1": () => entityScores([["O"], ["O", "B-A"]], [["O"], ["O"]]),
  };
  for (const [where, call] of Object.entries(calls)) expect(call).toThrow(`${where}: each guess stands beside what is right, but`);
  for (const [guess, label] of [
    [2, 0],
    [0, 2],
    [-1, 0],
    [0, 0.5],
  ] as const)
    expect(() => confusionMatrix([0, guess], [0, label], 2)).toThrow("confusionMatrix: classes are 0 to 1, but number 1 is");
});
