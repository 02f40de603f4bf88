/** Of guesses beside what is right: numbers of classes, from 0 on. As scikit-learn counts, where it would divide by 0 with 0. */
import { ArgumentError } from "@x/layers";
import { checkPairs } from "./pairs.ts";

/** Rows are what is right, columns the guesses: how often. */
export type ConfusionMatrix = readonly (readonly number[])[];

/** @throws ArgumentError where there are not as many guesses as labels, or one is no class's number */
export function confusionMatrix(guesses: ArrayLike<number>, labels: ArrayLike<number>, numClasses: number): ConfusionMatrix {
  checkPairs("confusionMatrix", guesses, labels);
  const counts = Array.from({ length: numClasses }, () => new Array<number>(numClasses).fill(0));
  for (let i = 0; i < labels.length; i++) {
    const [label = -1, guess = -1] = [labels[i], guesses[i]];
    const [row, before] = [counts[label], counts[label]?.[guess]];
    if (row === undefined || before === undefined)
      throw new ArgumentError("confusionMatrix", `classes are 0 to ${numClasses - 1}`, `number ${i} is ${label}, guessed as ${guess}`);
    row[guess] = before + 1;
  }
  return counts;
}

/** Share of the guesses that are right. */
export const accuracy = (matrix: ConfusionMatrix): number => ratio(sum(matrix.map((row, i) => row[i] ?? 0)), sum(matrix.map(sum)));

export interface ClassScores {
  /** Of the guesses of this class, the share that is right. */
  readonly precision: number;
  /** Of what is of this class, the share that was found. */
  readonly recall: number;
  /** Their harmonic mean. */
  readonly f1: number;
  /** How many are of this class. */
  readonly support: number;
}

/** One for each class. */
export function classScores(matrix: ConfusionMatrix): ClassScores[] {
  return matrix.map((row, i) => scoresOf(row[i] ?? 0, sum(matrix.map((other) => other[i] ?? 0)), sum(row)));
}

/** The plain mean over the classes that are there, in the labels or the guesses. */
export function macroF1(matrix: ConfusionMatrix): number {
  const seen = classScores(matrix).filter(({ support }, i) => support + sum(matrix.map((row) => row[i] ?? 0)) > 0);
  return ratio(sum(seen.map(({ f1 }) => f1)), seen.length);
}

/** Of several labels at once, (examples × classes) of 0 and 1. */
export interface MultiLabelScores {
  /** Of all pairs of an example and a class together. */
  readonly microF1: number;
  /** The mean over the classes. */
  readonly macroF1: number;
  /** Share of the examples whose labels are all right. */
  readonly accuracy: number;
}

/** @throws ArgumentError where there are not as many guesses as labels */
export function multiLabelScores(
  guesses: readonly ArrayLike<number>[],
  labels: readonly ArrayLike<number>[],
  numClasses: number,
): MultiLabelScores {
  checkPairs("multiLabelScores", guesses, labels);
  const counts = Array.from({ length: numClasses }, (_, c) => {
    const on = (rows: readonly ArrayLike<number>[]): number => rows.filter((row) => row[c] === 1).length;
    return { both: guesses.filter((row, i) => row[c] === 1 && labels[i]?.[c] === 1).length, guessed: on(guesses), right: on(labels) };
  });
  const total = (of: "both" | "guessed" | "right"): number => sum(counts.map((count) => count[of]));
  const same = guesses.filter((row, i) => Array.from({ length: numClasses }).every((_, c) => row[c] === labels[i]?.[c])).length;
  return {
    microF1: scoresOf(total("both"), total("guessed"), total("right")).f1,
    macroF1: ratio(sum(counts.map(({ both, guessed, right }) => scoresOf(both, guessed, right).f1)), numClasses),
    accuracy: ratio(same, labels.length),
  };
}

/** Precision, recall and F1 of counts. @internal */
export function scoresOf(both: number, guessed: number, right: number): ClassScores {
  return { precision: ratio(both, guessed), recall: ratio(both, right), f1: ratio(2 * both, guessed + right), support: right };
}

/** Share of the rows of logits whose label is among the k highest; of equals the first counts as higher. @throws ArgumentError where there are not as many labels */
export function topKAccuracy(logits: readonly ArrayLike<number>[], labels: ArrayLike<number>, k: number): number {
  checkPairs("topKAccuracy", logits, labels);
  const found = logits.filter((row, i) => rankOf(row, labels[i] ?? -1) < k).length;
  return ratio(found, logits.length);
}

/** How many stand before it. @internal */
export function rankOf(scores: ArrayLike<number>, place: number): number {
  const own = scores[place] ?? -Infinity;
  let before = 0;
  for (let i = 0; i < scores.length; i++) {
    const other = scores[i] ?? -Infinity;
    if (other > own || (other === own && i < place)) before++;
  }
  return before;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
/** @internal */
export const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
