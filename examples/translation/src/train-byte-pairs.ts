/** Byte-pair encoding learned from text: Sennrich et al. 2016, algorithm 1, on characters. */

/** A word begins with the space before it, written ▁; figures and punctuation stand alone. */
export const wordPattern: string = String.raw`▁?\p{L}+|▁?\p{N}|▁?[^\p{L}\p{N}▁]|▁`;

export interface BytePairs {
  /** Characters, the commonest first, then what the merges give. */
  readonly tokens: readonly string[];
  readonly merges: readonly (readonly [string, string])[];
}

/** The `size` tokens that texts are best cut into: single characters, and the commonest pair joined, again and again. */
export function trainBytePairs(texts: readonly string[], size: number): BytePairs {
  const words = countWords(texts);
  const characters = new Map<string, number>();
  for (const { symbols, count } of words) for (const symbol of symbols) characters.set(symbol, (characters.get(symbol) ?? 0) + count);
  const tokens = new Set([...characters].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([character]) => character));
  const merges: [string, string][] = [];
  const pairs = new PairCounts(words);
  while (tokens.size < size) {
    const [left, right] = pairs.commonest() ?? [];
    if (left === undefined || right === undefined) break;
    merges.push([left, right]);
    tokens.add(left + right);
    pairs.merge(left, right);
  }
  return { tokens: [...tokens], merges };
}

interface Word {
  symbols: string[];
  readonly count: number;
}

function countWords(texts: readonly string[]): Word[] {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const [word] of `▁${text.replaceAll(" ", "▁")}`.matchAll(new RegExp(wordPattern, "gu")))
      counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, count]) => ({ symbols: [...word], count }));
}

/** How often symbols stand side by side, kept up to date while they are merged. */
class PairCounts {
  readonly #counts = new Map<string, number>();
  readonly #words = new Map<string, Set<Word>>();

  constructor(words: readonly Word[]) {
    for (const word of words) this.#count(word, 1);
  }

  /** The first of equals in the alphabet; none that stands only once. */
  commonest(): [string, string] | undefined {
    let [best, most] = ["", 1];
    for (const [pair, count] of this.#counts)
      if (count > most || (count === most && best !== "" && pair < best)) [best, most] = [pair, count];
    return best === "" ? undefined : (best.split(" ") as [string, string]);
  }

  merge(left: string, right: string): void {
    const words = Array.from(this.#words.get(`${left} ${right}`) ?? []); // a copy: counting changes the set
    for (const word of words) {
      this.#count(word, -1);
      const merged: string[] = [];
      for (const symbol of word.symbols) {
        if (symbol === right && merged.at(-1) === left) merged[merged.length - 1] = left + right;
        else merged.push(symbol);
      }
      word.symbols = merged;
      this.#count(word, 1);
    }
  }

  #count(word: Word, sign: 1 | -1): void {
    for (let i = 1; i < word.symbols.length; i++) {
      const pair = `${word.symbols[i - 1]} ${word.symbols[i]}`;
      this.#counts.set(pair, (this.#counts.get(pair) ?? 0) + sign * word.count);
      const words = this.#words.get(pair) ?? new Set();
      this.#words.set(pair, words);
      if (sign === 1) words.add(word);
      else words.delete(word);
    }
  }
}
