import { type EmbeddingRanges, RangeGrid, type TensorSource } from "@x/layers/model";
import { greatest } from "../greatest.ts";
import type { Rows } from "../vectors.ts";
import { type Bytes, inPrecision, joined, picked } from "./bytes.ts";
import type { KeptVectors, Match, Wanted } from "./kept-vectors.ts";

/**
 * Embeddings of a byte a number: number d of an entry is least_d + step_d · q_d, q from 0 to 255. A query stays as it is,
 *
 *   Σ x_d (least_d + step_d q_d) = Σ x_d least_d + Σ (x_d step_d) q_d,
 *
 * so that every entry's score is what sentence-transformers' rescoring gives, over the length that the vector had when it came.
 */
export class ScalarVectors implements KeptVectors {
  readonly precision: "int8" | "uint8";
  readonly ranges: EmbeddingRanges;
  /** (count, width) */
  readonly #rows: Uint8Array;
  readonly #inverseLengths: Float32Array;
  readonly #grid: RangeGrid;

  constructor(precision: "int8" | "uint8", ranges: EmbeddingRanges, rows: Uint8Array, inverses: Float32Array) {
    this.precision = precision;
    this.ranges = ranges;
    this.#rows = rows;
    this.#inverseLengths = inverses;
    this.#grid = new RangeGrid("EmbeddingIndex", ranges);
  }

  get count(): number {
    return this.#inverseLengths.length;
  }

  get width(): number {
    return this.ranges[0].length;
  }

  get bytes(): number {
    return this.#rows.length + 4 * this.count;
  }

  vector(row: number): Float32Array {
    return this.#grid.numbers(this.#rows.subarray(row * this.width, (row + 1) * this.width));
  }

  with(more: ScalarVectors): ScalarVectors {
    const inverses = Float32Array.from([...this.#inverseLengths, ...more.#inverseLengths]);
    return new ScalarVectors(this.precision, this.ranges, joined(this.#rows, more.#rows), inverses);
  }

  only(rows: readonly number[]): ScalarVectors {
    const inverses = Float32Array.from(rows, (row) => this.#inverseLengths[row] ?? 0);
    return new ScalarVectors(this.precision, this.ranges, picked(this.#rows, this.width, rows), inverses);
  }

  search(queries: Rows, scales: Float32Array, { topK, counts }: Wanted): Match[][] {
    const { width, count } = this;
    const { least, steps } = this.#grid;
    return Array.from(scales, (scale, query) => {
      const numbers = queries.data.subarray(query * width, (query + 1) * width);
      const constant = numbers.reduce((sum, x, d) => sum + x * (least[d] ?? 0), 0);
      const weights = Float64Array.from(numbers, (x, d) => x * (steps[d] ?? 0));
      const scores = Float32Array.from(productsOf(this.#rows, weights, count), (product, row) => {
        return (product + constant) * scale * (this.#inverseLengths[row] ?? 0);
      });
      return greatest(scores, topK, counts).map((row) => ({ row, score: scores[row] ?? 0 }));
    });
  }

  tensors(): ReadonlyMap<string, TensorSource> {
    const { width, count } = this;
    const rows: Bytes = inPrecision(this.precision, this.#rows);
    const ranges = Float32Array.from([...this.ranges[0], ...this.ranges[1]]);
    return new Map<string, TensorSource>([
      ["embeddings", { shape: [count, width], view: () => rows }],
      ["ranges", { shape: [2, width], view: () => ranges }],
      ["inverse_lengths", { shape: [count], view: () => this.#inverseLengths }],
    ]);
  }

  [Symbol.dispose](): void {}
}

/** Σ weights · row of every row, in four sums side by side. */
function productsOf(rows: Uint8Array, weights: Float64Array, count: number): Float64Array {
  const width = weights.length;
  const products = new Float64Array(count);
  for (let row = 0, at = 0; row < count; row++, at += width) {
    let [a, b, c, e] = [0, 0, 0, 0];
    let d = 0;
    for (; d + 3 < width; d += 4) {
      a += (weights[d] ?? 0) * (rows[at + d] ?? 0);
      b += (weights[d + 1] ?? 0) * (rows[at + d + 1] ?? 0);
      c += (weights[d + 2] ?? 0) * (rows[at + d + 2] ?? 0);
      e += (weights[d + 3] ?? 0) * (rows[at + d + 3] ?? 0);
    }
    for (; d < width; d++) a += (weights[d] ?? 0) * (rows[at + d] ?? 0);
    products[row] = a + b + c + e;
  }
  return products;
}
