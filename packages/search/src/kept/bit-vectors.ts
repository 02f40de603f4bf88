import { quantizeEmbeddings, type TensorSource } from "@x/layers/model";
import { bitsIn } from "../bits.ts";
import { greatest } from "../greatest.ts";
import type { Rows } from "../vectors.ts";
import { inPrecision, joined, picked } from "./bytes.ts";
import type { KeptVectors, Match, Wanted } from "./kept-vectors.ts";

/**
 * Embeddings of a bit a number: whether it is above 0. Those that differ in the fewest bits from a query (Hamming) are looked at again with the query's own
 * numbers, as in sentence-transformers: Yamada et al. 2021, §3. An entry counts as a vector of -1 and 1, so that its score is a cosine.
 */
export class BitVectors implements KeptVectors {
  readonly precision: "binary" | "ubinary";
  readonly width: number;
  readonly count: number;
  /** (count, stride): in bytes of eight bits, the first highest, up to whole words of 32. */
  readonly #rows: Uint8Array;

  constructor(precision: "binary" | "ubinary", width: number, rows: Uint8Array) {
    this.precision = precision;
    this.width = width;
    this.count = rows.length / strideOf(width);
    this.#rows = rows;
  }

  /** @param packed as `quantizeEmbeddings` gives them, ⌈width / 8⌉ bytes each, from 0 on */
  static of(precision: "binary" | "ubinary", width: number, packed: readonly Uint8Array[]): BitVectors {
    const stride = strideOf(width);
    const rows = new Uint8Array(packed.length * stride);
    for (const [row, bytes] of packed.entries()) rows.set(bytes, row * stride);
    return new BitVectors(precision, width, rows);
  }

  get bytes(): number {
    return this.#rows.length;
  }

  vector(row: number): Float32Array {
    return Float32Array.from({ length: this.width }, (_, d) => this.#sign(row, d));
  }

  with(more: BitVectors): BitVectors {
    return new BitVectors(this.precision, this.width, joined(this.#rows, more.#rows));
  }

  only(rows: readonly number[]): BitVectors {
    return new BitVectors(this.precision, this.width, picked(this.#rows, strideOf(this.width), rows));
  }

  search(queries: Rows, scales: Float32Array, { topK, rescoreMultiplier, counts }: Wanted): Match[][] {
    const { width } = this;
    return Array.from(scales, (scale, query) => {
      const numbers = queries.data.slice(query * width, (query + 1) * width);
      const near = greatest(this.#nearness(numbers), topK * rescoreMultiplier, counts);
      const matches = near.map((row) => ({ row, score: (this.#product(row, numbers) * scale) / Math.sqrt(width) }));
      return matches.sort((a, b) => b.score - a.score || a.row - b.row).slice(0, topK);
    });
  }

  tensors(): ReadonlyMap<string, TensorSource> {
    const [width, stride] = [Math.ceil(this.width / 8), strideOf(this.width)];
    const packed = new Uint8Array(this.count * width);
    for (let row = 0; row < this.count; row++) packed.set(this.#rows.subarray(row * stride, row * stride + width), row * width);
    const rows = inPrecision(this.precision, packed);
    return new Map([["embeddings", { shape: [this.count, width], view: () => rows }]]);
  }

  [Symbol.dispose](): void {}

  #sign(row: number, d: number): number {
    const byte = this.#rows[row * strideOf(this.width) + (d >> 3)] ?? 0;
    return (byte & (128 >> (d & 7))) === 0 ? -1 : 1;
  }

  #product(row: number, numbers: Float32Array): number {
    return numbers.reduce((sum, value, d) => sum + value * this.#sign(row, d), 0);
  }

  /** Of every row, minus the number of bits in which it differs from a query's. */
  #nearness(query: Float32Array): Float32Array {
    const asked = wordsOf(BitVectors.of("ubinary", this.width, quantizeEmbeddings([query], "ubinary")).#rows);
    const words = wordsOf(this.#rows);
    return Float32Array.from({ length: this.count }, (_, row) => {
      let different = 0;
      for (const [i, word] of asked.entries()) different += bitsIn((words[row * asked.length + i] ?? 0) ^ word);
      return -different;
    });
  }
}

/** Bytes of a row. */
const strideOf = (width: number): number => 4 * Math.ceil(width / 32);
const wordsOf = (rows: Uint8Array): Uint32Array => new Uint32Array(rows.buffer, rows.byteOffset, rows.length / 4);
