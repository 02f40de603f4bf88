import { checkPairs } from "./pairs.ts";

/** Pearson's correlation of two rows of numbers, from −1 to 1; NaN where one of them doesn't change. @throws ArgumentError where one is longer */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number {
  checkPairs("pearson", a, b);
  if ([a, b].some((x) => Array.from(x).every((value) => value === x[0]))) return NaN; // which the mean's rounding would hide
  const mean = (x: ArrayLike<number>): number => Array.from(x).reduce((sum, value) => sum + value, 0) / x.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [both, squaresA, squaresB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [da, db] = [(a[i] ?? 0) - meanA, (b[i] ?? 0) - meanB];
    both += da * db;
    squaresA += da * da;
    squaresB += db * db;
  }
  return Math.max(-1, Math.min(1, both / Math.sqrt(squaresA * squaresB))); // which rounding would leave
}

/** Spearman's: Pearson's of the ranks, equals sharing the mean of theirs. How sentence embeddings' similarities are measured. */
export const spearman = (a: ArrayLike<number>, b: ArrayLike<number>): number => pearson(ranksOf(a), ranksOf(b));

function ranksOf(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, i) => i).sort((i, j) => (values[i] ?? 0) - (values[j] ?? 0));
  const ranks = new Float64Array(values.length);
  for (let begin = 0; begin < order.length;) {
    let end = begin + 1;
    while (end < order.length && values[order[end] ?? 0] === values[order[begin] ?? 0]) end++;
    for (let place = begin; place < end; place++) ranks[order[place] ?? 0] = (begin + end - 1) / 2 + 1;
    begin = end;
  }
  return ranks;
}
