/** SQuAD's own scores of answers, Rajpurkar et al. 2016, §6.1, as its script `evaluate-v1.1.py` computes them. */
import { checkPairs } from "./pairs.ts";
import { wordsOf } from "./words.ts";

export interface AnswerScores {
  /** In a hundred: answers that are one of those that are right. */
  readonly exactMatch: number;
  /** In a hundred: mean overlap of words with the nearest right one. */
  readonly f1: number;
}

/**
 * @param right of each question, whatever answers are right; none of what can't be answered, where an empty answer is
 * @throws ArgumentError where there are not as many of both
 */
export function answerScores(answers: readonly string[], right: readonly (readonly string[])[]): AnswerScores {
  checkPairs("answerScores", answers, right);
  const best = (score: (answer: string, truth: string) => number): number =>
    answers.reduce((sum, answer, i) => {
      const truths = right[i] ?? [];
      return sum + Math.max(...(truths.length === 0 ? [""] : truths).map((truth) => score(answer, truth)));
    }, 0);
  const share = (sum: number): number => (answers.length === 0 ? 0 : (100 * sum) / answers.length);
  return { exactMatch: share(best((a, b) => (normalized(a) === normalized(b) ? 1 : 0))), f1: share(best(wordF1)) };
}

function wordF1(answer: string, truth: string): number {
  const [found, wanted] = [plainWords(answer), plainWords(truth)];
  if (found.length === 0 || wanted.length === 0) return found.length === wanted.length ? 1 : 0;
  const left = new Map<string, number>();
  for (const word of wanted) left.set(word, (left.get(word) ?? 0) + 1);
  const same = found.filter((word) => {
    const count = left.get(word) ?? 0;
    left.set(word, count - 1);
    return count > 0;
  }).length;
  return same === 0 ? 0 : (2 * same) / (found.length + wanted.length);
}

const normalized = (text: string): string => plainWords(text).join(" ");

/** Lower case, no punctuation of ASCII, no articles. */
const plainWords = (text: string): string[] =>
  wordsOf(
    text
      .toLowerCase()
      .replace(/[!-/:-@[-`{-~]/g, "")
      .replace(/(?<![\p{L}\p{N}])(a|an|the)(?![\p{L}\p{N}])/gu, " "),
  );
