/** Learns a byte-pair vocabulary like CLIP's from words: "Neural Machine Translation of Rare Words with Subword Units", Sennrich et al. 2016. */

/**
 * The merges, most frequent first, each "left right" as `merges.txt` has them. Symbols are letters, the last of a word with `</w>`.
 * @param words with how often each occurs
 * @param count how many merges at most; pairs that occur once aren't merged
 */
export function learnMerges(words: ReadonlyMap<string, number>, count: number): string[] {
  const spelled = [...words].map(([word, frequency]) => {
    const letters = [...word];
    return { symbols: [...letters.slice(0, -1), `${letters.at(-1)}</w>`], frequency };
  });
  const pairs = new Map<string, number>();
  /** Counts a word's pairs, or takes them out again. */
  const tally = (symbols: readonly string[], frequency: number): void => {
    for (let i = 1; i < symbols.length; i++) {
      const pair = `${symbols[i - 1]} ${symbols[i]}`;
      pairs.set(pair, (pairs.get(pair) ?? 0) + frequency);
    }
  };
  for (const { symbols, frequency } of spelled) tally(symbols, frequency);

  const merges: string[] = [];
  while (merges.length < count) {
    let [best, most] = ["", 1];
    for (const [pair, frequency] of pairs) if (frequency > most) [best, most] = [pair, frequency];
    if (best === "") break;
    merges.push(best);
    const [left = "", right = ""] = best.split(" ");
    for (const { symbols, frequency } of spelled) {
      const has = symbols.some((symbol, i) => symbol === right && symbols[i - 1] === left);
      if (!has) continue;
      tally(symbols, -frequency);
      for (let i = 1; i < symbols.length; i++) if (symbols[i - 1] === left && symbols[i] === right) symbols.splice(i - 1, 2, left + right);
      tally(symbols, frequency);
    }
  }
  return merges;
}

/** How often each word of Latin letters occurs. */
export function countWords(texts: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const [word] of text.toLowerCase().matchAll(/[a-z]+/g)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}
