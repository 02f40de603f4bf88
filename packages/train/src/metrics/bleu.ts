/** BLEU (Papineni et al. 2002) as sacreBLEU computes it: 13a tokenisation, n-grams to 4, exponential smoothing. Post 2018. */
import { checkPairs } from "./pairs.ts";
import { trimmedEnd, wordsOf } from "./words.ts";

export interface Bleu {
  /** 0 to 100. */
  readonly score: number;
  /** Of n-grams of 1 to 4 words, how many in a hundred stand in the reference, too. */
  readonly precisions: readonly number[];
  readonly brevityPenalty: number;
}

/** Of a whole corpus: translations, and one reference for each. @throws ArgumentError where there is another number of them */
export function bleu(translations: readonly string[], references: readonly string[]): Bleu {
  checkPairs("bleu", translations, references);
  const pairs = translations.map((translation, i) => [tokenize13a(translation), tokenize13a(references[i] ?? "")] as const);
  const [ours, theirs] = [0, 1].map((side) => pairs.reduce((sum, pair) => sum + (pair[side as 0 | 1]?.length ?? 0), 0)) as [number, number];
  const brevityPenalty = ours >= theirs ? 1 : Math.exp(1 - theirs / ours); // 0 of nothing
  const counts = [1, 2, 3, 4].map((n) => pairs.map(([words, reference]) => matches(words, reference, n)));
  const right = counts.map((found) => found.reduce((sum, [matched]) => sum + matched, 0));
  const all = counts.map((found) => found.reduce((sum, [, total]) => sum + total, 0));
  if (right.every((count) => count === 0)) return { score: 0, precisions: [0, 0, 0, 0], brevityPenalty };
  let halves = 1;
  const precisions = right.map((count, i) => {
    const total = all[i] ?? 0;
    if (total === 0) return 0;
    return (100 * (count === 0 ? 1 / (halves *= 2) : count)) / total;
  });
  const mean = precisions.reduce((sum, precision) => sum + Math.log(precision), 0) / precisions.length;
  return { score: brevityPenalty * Math.exp(mean), precisions, brevityPenalty };
}

/** mteval-v13a's words: punctuation stands apart, but for points and commas within numbers. */
export function tokenize13a(line: string): string[] {
  const plain = trimmedEnd(line).replaceAll("<skipped>", "").replaceAll("-\n", "").replaceAll("\n", " ");
  const entities = [
    ["&quot;", '"'],
    ["&amp;", "&"],
    ["&lt;", "<"],
    ["&gt;", ">"],
  ] as const;
  const unescaped = entities.reduce((text, [from, to]) => text.replaceAll(from, to), plain);
  const apart = ` ${unescaped} `
    .replace(/([{-~[-` -&(-+:-@/])/g, " $1 ")
    .replace(/([^0-9])([.,])/gu, "$1 $2 ")
    .replace(/([.,])([^0-9])/gu, " $1 $2")
    .replace(/([0-9])(-)/g, "$1 $2 ");
  return wordsOf(apart);
}

/** How many of the words' n-grams the reference has, each counted as often as there at most. */
function matches(words: readonly string[], reference: readonly string[], n: number): readonly [matched: number, total: number] {
  const [found, there] = [ngrams(words, n), ngrams(reference, n)];
  const matched = [...found].reduce((sum, [ngram, count]) => sum + Math.min(count, there.get(ngram) ?? 0), 0);
  return [matched, Math.max(0, words.length - n + 1)];
}

function ngrams(words: readonly string[], n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= words.length; i++) {
    const ngram = words.slice(i, i + n).join(" ");
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}
