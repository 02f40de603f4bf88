/** Byte-pair encoding: begin with characters, and join the neighbours that rank first until none is left to join. Sennrich et al. 2016. */
import TinyQueue from "tinyqueue";

/** A stretch [begin, end) of a word. One that is `frozen` is never joined. */
export interface Part {
  readonly text: string;
  readonly begin: number;
  readonly end: number;
  readonly frozen?: boolean | undefined;
}

interface Candidate {
  readonly rank: number;
  /** Index of the left part. */
  readonly left: number;
  readonly right: number;
  readonly text: string;
}

/**
 * Joins neighbouring parts: the pair of the lowest rank first, of equals the leftmost. O(n log n).
 * @param rankOf the rank of a pair; undefined when it must not be joined
 */
export function joinPairs(parts: readonly Part[], rankOf: (left: string, right: string) => number | undefined): Part[] {
  const current: (Part | undefined)[] = [...parts];
  const previous = parts.map((_, i) => i - 1);
  const next = parts.map((_, i) => i + 1);
  const queue = new TinyQueue<Candidate>([], (a, b) => a.rank - b.rank || a.left - b.left);
  const offer = (left: number, right: number): void => {
    const [a, b] = [current[left], current[right]];
    if (!a || !b || a.frozen || b.frozen) return;
    const rank = rankOf(a.text, b.text);
    if (rank !== undefined) queue.push({ rank, left, right, text: a.text + b.text });
  };
  for (const i of parts.keys()) offer(i, i + 1);
  for (let candidate = queue.pop(); candidate; candidate = queue.pop()) {
    const { left, right, text } = candidate;
    const [a, b] = [current[left], current[right]];
    if (!a || !b || a.text + b.text !== text) continue; // one of them was joined with another meanwhile
    current[left] = { text, begin: a.begin, end: b.end };
    current[right] = undefined;
    const after = next[right] ?? parts.length;
    next[left] = after;
    previous[after] = left;
    offer(previous[left] ?? -1, left);
    offer(left, after);
  }
  return current.filter((part) => part !== undefined);
}

/** The characters of a word. */
export function characters(word: string): Part[] {
  let begin = 0;
  return Array.from(word, (text) => ({ text, begin, end: (begin += text.length) }));
}
