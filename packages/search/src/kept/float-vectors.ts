import { linear, noGrad, Parameter, tensor } from "@x/layers";
import type { TensorSource } from "@x/layers/model";
import { greatest } from "../greatest.ts";
import type { Rows } from "../vectors.ts";
import type { KeptVectors, Match, Wanted } from "./kept-vectors.ts";

/** Embeddings as they came, in WebAssembly memory: all scores are one matrix product. */
export class FloatVectors implements KeptVectors {
  readonly precision = "float32";
  /** (count, width): kept in the form that the product wants, and so read only where it changes. */
  readonly #rows: Parameter;
  readonly #inverseLengths: Float32Array;

  private constructor(count: number, width: number, inverses: Float32Array, fill: (data: Float32Array) => void) {
    this.#rows = new Parameter([count, width]);
    this.#inverseLengths = inverses;
    fill(this.#rows.data);
  }

  static of({ count, width, data }: Rows, inverses: Float32Array): FloatVectors {
    return new FloatVectors(count, width, inverses, (rows) => rows.set(data));
  }

  get count(): number {
    return this.#inverseLengths.length;
  }

  get width(): number {
    return this.#rows.shape[1] ?? 0;
  }

  get bytes(): number {
    return 4 * (this.#rows.size + this.count);
  }

  vector(row: number): Float32Array {
    return this.#rows.data.slice(row * this.width, (row + 1) * this.width);
  }

  with(more: FloatVectors): FloatVectors {
    const [mine, others] = [this.#rows.toTypedArray(), more.#rows.toTypedArray()];
    const inverses = Float32Array.from([...this.#inverseLengths, ...more.#inverseLengths]);
    return new FloatVectors(this.count + more.count, this.width, inverses, (rows) => {
      rows.set(mine);
      rows.set(others, mine.length);
    });
  }

  only(which: readonly number[]): FloatVectors {
    const { width } = this;
    const before = this.#rows.toTypedArray();
    const inverses = Float32Array.from(which, (row) => this.#inverseLengths[row] ?? 0);
    return new FloatVectors(which.length, width, inverses, (rows) => {
      for (const [to, from] of which.entries()) rows.set(before.subarray(from * width, (from + 1) * width), to * width);
    });
  }

  search(queries: Rows, scales: Float32Array, { topK, counts }: Wanted): Match[][] {
    const { count } = this;
    using products = noGrad(() => linear(tensor(queries.data, [queries.count, queries.width]), this.#rows)); // (Q, count)
    return Array.from(scales, (scale, query) => {
      const scores = products.data.subarray(query * count, (query + 1) * count);
      for (let row = 0; row < count; row++) scores[row] = (scores[row] ?? 0) * scale * (this.#inverseLengths[row] ?? 0);
      return greatest(scores, topK, counts).map((row) => ({ row, score: scores[row] ?? 0 }));
    });
  }

  tensors(): ReadonlyMap<string, TensorSource> {
    return new Map([["embeddings", { shape: this.#rows.shape, view: () => this.#rows.data }]]);
  }

  [Symbol.dispose](): void {
    this.#rows.dispose();
  }
}
