import {
  CheckpointError,
  linear,
  noGrad,
  openCheckpoint,
  Parameter,
  type SaveLocation,
  saveSafetensors,
  ShapeError,
  type SourceLocation,
  type Tensor,
  TensorError,
} from "@x/layers";

export interface SearchResult {
  readonly id: string;
  /** The cosine of query and entry. */
  readonly score: number;
}

/**
 * Embeddings by id, and the nearest to a query among them: exact, by one matrix product, good for some 100 000 entries. It needs no model, so a
 * saved one serves by itself.
 */
export class EmbeddingIndex implements Disposable {
  /** Length of an embedding. */
  readonly width: number;
  /** In the order of `#rows`. */
  #ids: string[] = [];
  #rowOf = new Map<string, number>();
  /** (entries, width): kept in the form that the product wants, and so read only where it changes. */
  #rows: Parameter;

  /** @throws TensorError before `init`, or when the width isn't a whole number from 1 on */
  constructor(width: number) {
    if (!Number.isInteger(width) || width < 1)
      throw new TensorError(`EmbeddingIndex: width must be a whole number from 1 on, but is ${width}`);
    this.width = width;
    this.#rows = new Parameter([0, width]);
  }

  /** Number of entries. */
  get size(): number {
    return this.#ids.length;
  }

  has(id: string): boolean {
    return this.#rowOf.has(id);
  }

  ids(): readonly string[] {
    return [...this.#ids];
  }

  /**
   * Adds entries, or replaces those whose ids are there. Many at once are much cheaper than many times one.
   * @param embeddings (ids.length, width), rows of length 1, as `embedImage` and `embedText` make them
   * @throws ShapeError when they aren't; TensorError when an id comes twice
   */
  add(ids: readonly string[], embeddings: Tensor): void {
    if (embeddings.shape.join() !== [ids.length, this.width].join()) {
      throw new ShapeError("EmbeddingIndex.add", `embeddings must be (${ids.length}, ${this.width})`, { embeddings: embeddings.shape });
    }
    if (new Set(ids).size !== ids.length) throw new TensorError("EmbeddingIndex.add: an id comes twice");
    const fresh = ids.filter((id) => !this.#rowOf.has(id));
    const all = [...this.#ids, ...fresh];
    this.#become(all, (rows) => {
      rows.set(this.#rows.data);
      for (const [i, id] of ids.entries()) {
        rows.set(embeddings.data.subarray(i * this.width, (i + 1) * this.width), (this.#rowOf.get(id) ?? 0) * this.width);
      }
    });
  }

  /** Takes entries out; ids that aren't there are passed over. */
  remove(ids: readonly string[]): void {
    const gone = new Set(ids);
    const kept = [...this.#ids.entries()].filter(([, id]) => !gone.has(id));
    if (kept.length === this.size) return;
    this.#become(
      kept.map(([, id]) => id),
      (rows) => {
        const before = this.#rows.data;
        for (const [row, [from]] of kept.entries()) rows.set(before.subarray(from * this.width, (from + 1) * this.width), row * this.width);
      },
    );
  }

  /**
   * For each query the entries of the greatest cosine, the nearest first. queries (Q, width), rows of length 1.
   * @param options.topK how many; default 10, or all if there are fewer
   * @throws ShapeError when the queries have another width
   */
  search(queries: Tensor, { topK = 10 }: { readonly topK?: number } = {}): SearchResult[][] {
    const [count = 0, width] = queries.shape;
    if (queries.shape.length !== 2 || width !== this.width) {
      throw new ShapeError("EmbeddingIndex.search", `queries must be (Q, ${this.width})`, { queries: queries.shape });
    }
    if (this.size === 0) return Array.from({ length: count }, () => []);
    using scores = noGrad(() => linear(queries, this.#rows)); // (Q, entries)
    return Array.from({ length: count }, (_, query) => {
      const row = scores.data.subarray(query * this.size, (query + 1) * this.size);
      return greatest(row, topK).map((at) => ({ id: this.#ids[at] ?? "", score: row[at] ?? Number.NaN }));
    });
  }

  /** Writes one safetensors file: the entry `embeddings`, and the ids as JSON in its notes. Throws as `saveSafetensors` does. */
  async save(where: SaveLocation): Promise<void> {
    const embeddings = { shape: this.#rows.shape, view: () => this.#rows.data };
    await saveSafetensors(new Map([["embeddings", embeddings]]), where, { metadata: { ids: JSON.stringify(this.#ids) } });
  }

  /** @throws CheckpointError when it isn't such a file */
  static async load(where: SourceLocation): Promise<EmbeddingIndex> {
    const checkpoint = await openCheckpoint(where);
    const [count, width] = checkpoint.entries.get("embeddings")?.shape ?? [];
    const ids: unknown = JSON.parse(checkpoint.metadata.get("ids") ?? "null");
    if (count === undefined || width === undefined || !isTexts(ids) || ids.length !== count) {
      throw new CheckpointError("this is not an index", { file: checkpoint.label, expected: "the entry embeddings, and ids in the notes" });
    }
    const index = new EmbeddingIndex(width);
    index.#become(ids, () => {});
    const rows = index.#rows;
    await checkpoint.readInto([["embeddings", { shape: rows.shape, view: () => rows.data }]]);
    return index;
  }

  dispose(): void {
    this.#rows.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Other entries: `fill` writes their rows while the old ones are still there. */
  #become(ids: readonly string[], fill: (rows: Float32Array) => void): void {
    const rows = new Parameter([ids.length, this.width]);
    this.#ids = [...ids];
    this.#rowOf = new Map(ids.map((id, row) => [id, row]));
    void this.#rows.data; // brings back what is packed, which may move the memory
    fill(rows.data);
    this.#rows.dispose();
    this.#rows = rows;
  }
}

/** Places of the `count` greatest values, the greatest first, the earlier of equals. */
function greatest(values: Float32Array, count: number): number[] {
  const best: number[] = [];
  for (const [at, value] of values.entries()) {
    const least = best.length < count ? -Infinity : (values[best.at(-1) ?? 0] ?? -Infinity);
    if (value <= least) continue;
    let place = best.length;
    while (place > 0 && (values[best[place - 1] ?? 0] ?? 0) < value) place--;
    best.splice(place, 0, at);
    if (best.length > count) best.pop();
  }
  return best;
}

const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every((text) => typeof text === "string");
