import {
  ArgumentError,
  CheckpointError,
  init,
  linear,
  noGrad,
  openCheckpoint,
  Parameter,
  type SaveLocation,
  type SourceLocation,
  tensor,
} from "@x/layers";
import { aFunction, aText, checkOptions, type Json, many, type RulesOf, saveSafetensors, type ValueRule, wholeFrom } from "@x/layers/model";
import type { Entry, EntryId } from "./entry.ts";
import { greatest } from "./greatest.ts";
import { notesOf, readNotes } from "./notes.ts";
import { inverseLengths, isOne, type Rows, rowsOf, type Vector, type Vectors } from "./vectors.ts";

export interface SearchResult<Payload extends Json = Json> extends Entry<Payload> {
  /** The cosine of query and entry. */
  readonly score: number;
}

export interface AddOptions<Payload extends Json = Json> {
  /** A name for each vector, unlike all others. Default: running numbers. */
  readonly ids?: readonly string[] | undefined;
  /** What comes back with each when it is found: a text, a path, an object; any JSON. Default null. */
  readonly payloads?: readonly Payload[] | undefined;
}

export interface SearchOptions<Payload extends Json = Json> {
  /** How many entries to tell, the nearest first. Default 10, or all if there are fewer. */
  readonly topK?: number | undefined;
  /** Which entries count. Default: all. */
  readonly filter?: ((entry: Entry<Payload>) => boolean) | undefined;
}

const aList: ValueRule = { rule: "a list", holds: Array.isArray };

const addRules: RulesOf<AddOptions> = { ids: many(aText), payloads: aList };
const searchRules: RulesOf<SearchOptions> = { topK: wholeFrom(1), filter: aFunction };

/**
 * Embeddings, and the nearest to a query among them: exact, by one matrix product, good for some 100 000 entries. It needs no model, so a saved one
 * serves by itself. Vectors need not be of length 1: scores are cosines.
 *
 * ```ts
 * const index = new EmbeddingIndex<string>();
 * index.add(await embedText(model, texts), { payloads: texts });
 * index.search(await embedText(model, "how large is a whale"), { topK: 3 }); // [{ id: 17, score: 0.71, payload: "…" }, …]
 * ```
 *
 * It lives outside every scope: `dispose` or `using` frees it.
 */
export class EmbeddingIndex<Payload extends Json = Json> implements Disposable {
  /** In the order of `#rows`. */
  #entries: readonly Entry<Payload>[] = [];
  #rowOf = new Map<EntryId, number>();
  /** (entries, width): kept in the form that the product wants, and so read only where it changes. None until there is an entry. */
  #rows: Parameter | undefined;
  #inverseLengths = new Float32Array();

  /** Number of entries. */
  get size(): number {
    return this.#entries.length;
  }

  /** Numbers of an embedding: those of the first that was added; 0 before. */
  get width(): number {
    return this.#rows?.shape[1] ?? 0;
  }

  has(id: EntryId): boolean {
    return this.#rowOf.has(id);
  }

  /** In the order in which they were added. */
  ids(): EntryId[] {
    return this.#entries.map(({ id }) => id);
  }

  /** The embeddings as they were added, in that order. Copies. */
  vectors(): Float32Array[] {
    const { width } = this;
    const all = this.#rows?.toTypedArray() ?? new Float32Array();
    return this.#entries.map((_, row) => all.slice(row * width, (row + 1) * width));
  }

  /** An entry with its embedding, a copy; undefined when there is none of that id. */
  get(id: EntryId): (Entry<Payload> & { readonly vector: Float32Array }) | undefined {
    const row = this.#rowOf.get(id);
    const entry = this.#entries[row ?? -1];
    if (row === undefined || !entry || !this.#rows) return undefined;
    return { ...entry, vector: this.#rows.data.slice(row * this.width, (row + 1) * this.width) };
  }

  /**
   * Adds entries: what `embedText` and `embedImage` give, one or many. Many at once are much cheaper than many times one.
   * @returns their ids
   * @throws ArgumentError when an id comes twice or is there already, the vectors have another width, or there are more or fewer ids or payloads than
   *   vectors; the index stays as it was
   * @throws TensorError before `init`
   */
  add(vectors: Vectors, options: AddOptions<Payload> = {}): EntryId[] {
    checkOptions("EmbeddingIndex.add", options, addRules);
    const { ids, payloads } = options;
    const rows = rowsOf("EmbeddingIndex.add", vectors);
    for (const [what, list] of Object.entries({ ids, payloads })) {
      if (list && list.length !== rows.count)
        throw new ArgumentError(
          "EmbeddingIndex.add",
          `there must be as many ${what} as vectors`,
          `there are ${list.length} and ${rows.count}`,
        );
    }
    const names = ids ?? this.#numbers(rows.count);
    this.#append(
      names.map((id, i) => ({ id, payload: payloads?.[i] ?? null })),
      rows,
    );
    return [...names];
  }

  /** Adds all that another index holds, which stays as it is. Ids that are running numbers go on from this one's. Throws as `add`. */
  merge(other: EmbeddingIndex<Payload>): void {
    const numbers = this.#numbers(other.size);
    const entries = other.#entries.map((entry, i) => (typeof entry.id === "number" ? { ...entry, id: numbers[i] ?? 0 } : entry));
    this.#append(entries, { count: other.size, width: other.width, data: other.#rows?.toTypedArray() ?? new Float32Array() });
  }

  /** Takes entries out; ids that aren't there are passed over. */
  remove(ids: EntryId | readonly EntryId[]): void {
    const gone = new Set(Array.isArray(ids) ? ids : [ids]);
    const kept = [...this.#entries.keys()].filter((row) => !gone.has(this.#entries[row]?.id));
    if (kept.length === this.size) return;
    const { width } = this;
    const before = this.#rows?.toTypedArray() ?? new Float32Array();
    const entries = kept.flatMap((row) => this.#entries[row] ?? []);
    this.#become(entries, width, (data) => {
      for (const [to, from] of kept.entries()) data.set(before.subarray(from * width, (from + 1) * width), to * width);
    });
    this.#inverseLengths = Float32Array.from(kept, (row) => this.#inverseLengths[row] ?? 0);
  }

  /**
   * The entries of the greatest cosine with a query, the nearest first; of several queries, a list for each.
   * @throws ArgumentError when the queries have another width, or topK isn't a whole number from 1 on
   */
  search(query: Vector, options?: SearchOptions<Payload>): SearchResult<Payload>[];
  search(queries: Exclude<Vectors, Vector>, options?: SearchOptions<Payload>): SearchResult<Payload>[][];
  search(queries: Vectors, options: SearchOptions<Payload> = {}): SearchResult<Payload>[] | SearchResult<Payload>[][] {
    checkOptions("EmbeddingIndex.search", options, searchRules);
    const { topK = 10, filter } = options;
    const rows = rowsOf("EmbeddingIndex.search", queries);
    const results = this.#search(rows, topK, filter);
    return isOne(queries) ? (results[0] ?? []) : results;
  }

  /** Writes one safetensors file: the entry `embeddings`, and ids and payloads as JSON in its notes. Throws as `saveSafetensors` does. */
  async save(where: SaveLocation): Promise<void> {
    const embeddings = { shape: this.#rows?.shape ?? [0, 0], view: () => this.#rows?.data ?? new Float32Array() };
    await saveSafetensors(new Map([["embeddings", embeddings]]), where, { metadata: notesOf(this.#entries) });
  }

  /** Starts the engine if need be. @throws CheckpointError when it isn't such a file */
  static async load<Payload extends Json = Json>(where: SourceLocation): Promise<EmbeddingIndex<Payload>> {
    await init();
    const checkpoint = await openCheckpoint(where);
    const [count = 0, width = 0, ...more] = checkpoint.entries.get("embeddings")?.shape ?? [];
    const entries = readNotes<Payload>(checkpoint.metadata);
    if (entries?.length !== count || more.length > 0) {
      throw new CheckpointError("this is not an index", { file: checkpoint.label, expected: "the entry embeddings, and ids in the notes" });
    }
    const data = new Float32Array(count * width);
    await checkpoint.readInto([["embeddings", { shape: [count, width], view: () => data }]]);
    const index = new EmbeddingIndex<Payload>();
    index.#append(entries, { count, width, data });
    return index;
  }

  dispose(): void {
    this.#rows?.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #search(queries: Rows, topK: number, filter: SearchOptions<Payload>["filter"]): SearchResult<Payload>[][] {
    const rows = this.#rows;
    if (!rows || queries.count === 0 || this.size === 0) return Array.from({ length: queries.count }, () => []);
    this.#checkWidth("EmbeddingIndex.search", queries);
    const scales = inverseLengths("EmbeddingIndex.search", queries);
    const counts = filter && this.#entries.map(filter);
    using products = noGrad(() => linear(tensor(queries.data, [queries.count, queries.width]), rows)); // (Q, entries)
    return Array.from(scales, (scale, query) => {
      const scores = products.data.subarray(query * this.size, (query + 1) * this.size);
      for (let row = 0; row < scores.length; row++) scores[row] = (scores[row] ?? 0) * scale * (this.#inverseLengths[row] ?? 0);
      return greatest(scores, topK, counts).flatMap((row) => {
        const entry = this.#entries[row];
        return entry ? [{ ...entry, score: scores[row] ?? 0 }] : [];
      });
    });
  }

  #append(entries: readonly Entry<Payload>[], added: Rows): void {
    const scales = inverseLengths("EmbeddingIndex.add", added);
    if (this.#rows && added.count > 0) this.#checkWidth("EmbeddingIndex.add", added);
    const ids = new Set<EntryId>(this.#rowOf.keys());
    for (const { id } of entries) {
      if (ids.has(id))
        throw new ArgumentError(
          "EmbeddingIndex.add",
          "every id is one entry's",
          `${JSON.stringify(id)} comes twice; remove() the old one first`,
        );
      ids.add(id);
    }
    if (entries.length === 0) return;
    const before = this.#rows?.toTypedArray() ?? new Float32Array();
    this.#become([...this.#entries, ...entries], added.width, (data) => {
      data.set(before);
      data.set(added.data, before.length);
    });
    const all = new Float32Array(entries.length + this.#inverseLengths.length);
    all.set(this.#inverseLengths);
    all.set(scales, this.#inverseLengths.length);
    this.#inverseLengths = all;
  }

  /** Other entries, all or none: `fill` writes their rows. */
  #become(entries: readonly Entry<Payload>[], width: number, fill: (rows: Float32Array) => void): void {
    const rows = new Parameter([entries.length, width]);
    fill(rows.data);
    this.#rows?.dispose();
    this.#rows = rows;
    this.#entries = entries;
    this.#rowOf = new Map(entries.map(({ id }, row) => [id, row]));
  }

  #checkWidth(where: string, { width }: Rows): void {
    if (width !== this.width)
      throw new ArgumentError(where, `vectors must have ${this.width} numbers, as those in the index`, `these have ${width}`);
  }

  /** The next running numbers. */
  #numbers(count: number): number[] {
    const last = this.#entries.reduce((highest, { id }) => (typeof id === "number" ? Math.max(highest, id) : highest), -1);
    return Array.from({ length: count }, (_, i) => last + 1 + i);
  }
}
