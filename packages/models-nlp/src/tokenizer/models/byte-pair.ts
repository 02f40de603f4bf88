/** Byte-pair encoding: begin with characters, and join the neighbours that rank first until none is left to join. Sennrich et al. 2016. */
import { endsStep, type Steps } from "../stages/steps.ts";
import { TokenizerError } from "../stages/tokenizer-error.ts";
import { PairTable } from "./pair-table.ts";

/** A stretch [begin, end) of a word. */
export interface Part {
  readonly text: string;
  readonly begin: number;
  readonly end: number;
}

/** Which two parts may be joined. Of two pairs the one of the lower rank comes first; ranks are whole numbers from 0 on. */
export interface Merge {
  readonly left: string;
  readonly right: string;
  readonly rank: number;
}

const mostRanks = 2 ** 21;

/** Joins neighbouring parts of words: the pair of the lowest rank first, of equals the leftmost. O(n log n). */
export class Merges {
  readonly #texts: string[] = [];
  readonly #symbols: Map<string, number> = new Map();
  readonly #ranks: PairTable;
  readonly #joined: PairTable;

  /** Of a pair that comes twice the last counts. @throws TokenizerError when there are more than two million ranks */
  constructor(merges: readonly Merge[]) {
    this.#ranks = new PairTable(merges.length);
    this.#joined = new PairTable(merges.length);
    for (const { left, right, rank } of merges) {
      if (rank >= mostRanks) throw new TokenizerError(`tokenizer: BPE: there are more than ${mostRanks} merges`);
      const [a, b] = [this.#symbolOf(left), this.#symbolOf(right)];
      this.#ranks.set(a, b, rank);
      this.#joined.set(a, b, this.#symbolOf(left + right));
    }
  }

  #symbolOf(text: string): number {
    const known = this.#symbols.get(text);
    if (known !== undefined) return known;
    const symbol = this.#texts.push(text) - 1;
    this.#symbols.set(text, symbol);
    return symbol;
  }

  /**
   * A word's parts as they are when no two are left to join.
   * @param ends where each part ends to begin with
   * @param options.suffix what the last part has behind it, without taking place in the word
   * @param options.frozen the numbers of parts that are never joined
   */
  *join(
    word: string,
    ends: Int32Array,
    { suffix = "", frozen }: { readonly suffix?: string | undefined; readonly frozen?: ReadonlySet<number> | undefined } = {},
  ): Steps<Part[]> {
    const length = ends.length;
    const textAt = (i: number): string => word.slice(i > 0 ? ends[i - 1] : 0, ends[i]) + (i === length - 1 ? suffix : "");
    const symbols = new Int32Array(length);
    const [previous, next] = [new Int32Array(length), new Int32Array(length)];
    for (let i = 0; i < length; i++) {
      symbols[i] = frozen?.has(i) ? -1 : (this.#symbols.get(textAt(i)) ?? -1);
      previous[i] = i - 1;
      next[i] = i + 1;
      if (endsStep(i)) yield;
    }
    const rankAt = (left: number): number => {
      const right = left < 0 ? length : (next[left] as number);
      if (right >= length) return -1;
      const [a, b] = [symbols[left] as number, symbols[right] as number];
      return a < 0 || b < 0 ? -1 : this.#ranks.get(a, b);
    };
    const heap = new NumberHeap(length);
    const offer = (left: number): void => {
      const rank = rankAt(left);
      if (rank >= 0) heap.push(rank * 2 ** 32 + left);
    };
    for (let i = 0; i < length; i++) {
      offer(i);
      if (endsStep(i)) yield;
    }
    for (let key = heap.pop(), count = 0; key >= 0; key = heap.pop(), count++) {
      if (endsStep(count)) yield;
      const left = key % 2 ** 32;
      if (rankAt(left) !== (key - left) / 2 ** 32) continue; // one of them was joined with another meanwhile
      const right = next[left] as number;
      symbols[left] = this.#joined.get(symbols[left] as number, symbols[right] as number);
      symbols[right] = -1;
      const after = next[right] as number;
      next[left] = after;
      if (after < length) previous[after] = left;
      offer(previous[left] as number);
      offer(left);
    }
    const joined: Part[] = [];
    for (let i = 0; i < length; i = next[i] as number) {
      const last = (next[i] as number) - 1;
      const text = last === i ? textAt(i) : (this.#texts[symbols[i] as number] as string);
      joined.push({ text, begin: i > 0 ? (ends[i - 1] as number) : 0, end: ends[last] as number });
      if (endsStep(joined.length)) yield;
    }
    return joined;
  }
}

/** The lowest number first. */
class NumberHeap {
  #numbers: Float64Array;
  #length = 0;

  constructor(room: number) {
    this.#numbers = new Float64Array(room + 16);
  }

  push(number: number): void {
    if (this.#length === this.#numbers.length) {
      const numbers = new Float64Array(2 * this.#length);
      numbers.set(this.#numbers);
      this.#numbers = numbers;
    }
    const numbers = this.#numbers;
    let at = this.#length++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = numbers[parent] as number;
      if (above <= number) break;
      numbers[at] = above;
      at = parent;
    }
    numbers[at] = number;
  }

  /** −1 when it is empty. */
  pop(): number {
    if (this.#length === 0) return -1;
    const numbers = this.#numbers;
    const lowest = numbers[0] as number;
    const last = numbers[--this.#length] as number;
    let at = 0;
    for (let child = 1; child < this.#length; child = 2 * at + 1) {
      if (child + 1 < this.#length && (numbers[child + 1] as number) < (numbers[child] as number)) child++;
      const below = numbers[child] as number;
      if (below >= last) break;
      numbers[at] = below;
      at = child;
    }
    numbers[at] = last;
    return lowest;
  }
}

/** Where the characters of a word end. */
export function characterEnds(word: string): Int32Array {
  const ends = new Int32Array(word.length);
  let count = 0;
  for (let at = 0; at < word.length; ends[count++] = at) at += (word.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return ends.subarray(0, count);
}
