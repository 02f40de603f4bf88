import { ArgumentError, init, type SaveLocation, type SourceLocation } from "@x/layers";
import {
  aFunction,
  aText,
  checkOptions,
  type EmbeddingPrecision,
  type EmbeddingRanges,
  type Json,
  many,
  type PrecisionOptions,
  precisionRules,
  type RulesOf,
  type ValueRule,
  wholeFrom,
} from "@x/layers/model";
import type { Entry, EntryId } from "./entry.ts";
import { keep, type Keeping, numbersOf } from "./kept/keep.ts";
import type { KeptVectors, Wanted } from "./kept/kept-vectors.ts";
import { read } from "./kept/read.ts";
import { ScalarVectors } from "./kept/scalar-vectors.ts";
import { notesOf } from "./notes.ts";
import { type Embeddings, inverseLengths, isOne, type QuantizedVector, type Rows, type Vector } from "./vectors.ts";

/** What an index keeps of its embeddings: numbers, or less. */
export interface IndexOptions extends PrecisionOptions {
  /** "float32": 4 bytes a number. "int8", "uint8": one. "binary", "ubinary": an eighth. Default "float32". */
  readonly precision?: EmbeddingPrecision | undefined;
  /** Of int8 and uint8, as `embeddingRanges` finds them; what lies outside becomes the nearest end. Default: those of the vectors that are added first. */
  readonly ranges?: EmbeddingRanges | undefined;
}

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
  /**
   * Of an index of bits: how many times `topK` entries, those that differ in the fewest bits, are looked at again with the query's own numbers. Default 4; 1 is
   * the quickest.
   */
  readonly rescoreMultiplier?: number | undefined;
}

const aList: ValueRule = { rule: "a list", holds: Array.isArray };

const addRules: RulesOf<AddOptions> = { ids: many(aText), payloads: aList };
const searchRules: RulesOf<SearchOptions> = { topK: wholeFrom(1), filter: aFunction, rescoreMultiplier: wholeFrom(1) };

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
 * With a `precision` it keeps less of each: `new EmbeddingIndex({ precision: "int8" })` takes a quarter of the memory, "binary" a thirty-second.
 *
 * It lives outside every scope: `dispose` or `using` frees it.
 */
export class EmbeddingIndex<Payload extends Json = Json> implements Disposable {
  readonly precision: EmbeddingPrecision;
  /** In the order of the vectors. */
  #entries: readonly Entry<Payload>[] = [];
  #rowOf = new Map<EntryId, number>();
  /** None until there is an entry. */
  #kept: KeptVectors | undefined;
  #ranges: EmbeddingRanges | undefined;

  /** @throws ArgumentError when an option is no precision, or no ranges */
  constructor(options: IndexOptions = {}) {
    checkOptions("EmbeddingIndex", options, precisionRules);
    this.precision = options.precision ?? "float32";
    this.#ranges = options.ranges;
  }

  /** Number of entries. */
  get size(): number {
    return this.#entries.length;
  }

  /** Numbers of an embedding: those of the first that was added; 0 before. */
  get width(): number {
    return this.#kept?.width ?? 0;
  }

  /** Bytes that the embeddings take. */
  get bytes(): number {
    return this.#kept?.bytes ?? 0;
  }

  /** Of int8 and uint8: what their steps are spread over, for queries and vectors that are quantised elsewhere. */
  get ranges(): EmbeddingRanges | undefined {
    return this.#ranges;
  }

  has(id: EntryId): boolean {
    return this.#rowOf.has(id);
  }

  /** In the order in which they were added. */
  ids(): EntryId[] {
    return this.#entries.map(({ id }) => id);
  }

  /** The embeddings in the order in which they were added: as they were, or as near as the precision lets it; of bits -1 and 1. Copies. */
  vectors(): Float32Array[] {
    return this.#entries.map((_, row) => this.#vector(row));
  }

  /** An entry with its embedding, as `vectors` gives it; undefined when there is none of that id. */
  get(id: EntryId): (Entry<Payload> & { readonly vector: Float32Array }) | undefined {
    const row = this.#rowOf.get(id);
    const entry = this.#entries[row ?? -1];
    return row === undefined || !entry ? undefined : { ...entry, vector: this.#vector(row) };
  }

  /**
   * Adds entries: what `embedText` and `embedImage` give, one or many, as numbers or in the index's own precision. Many at once are much cheaper than many
   * times one.
   * @returns their ids
   * @throws ArgumentError when an id comes twice or is there already, the vectors have another width, or there are more or fewer ids or payloads than
   *   vectors; the index stays as it was
   * @throws TensorError before `init`
   */
  add(vectors: Embeddings, options: AddOptions<Payload> = {}): EntryId[] {
    checkOptions("EmbeddingIndex.add", options, addRules);
    const { ids, payloads } = options;
    const rows = numbersOf("EmbeddingIndex.add", vectors, this.#keeping);
    for (const [what, list] of Object.entries({ ids, payloads })) {
      if (list && list.length !== rows.count)
        throw new ArgumentError(
          "EmbeddingIndex.add",
          `there must be as many ${what} as vectors`,
          `there are ${list.length} and ${rows.count}`,
        );
    }
    const names = ids ?? this.#numbers(rows.count);
    const entries = names.map((id, i) => ({ id, payload: payloads?.[i] ?? null }));
    this.#check("EmbeddingIndex.add", entries, rows.width);
    if (entries.length === 0) return [];
    const added = keep("EmbeddingIndex.add", vectors, rows, this.#keeping);
    this.#become([...this.#entries, ...entries], this.#kept?.with(added) ?? added);
    if (this.#kept !== added) added[Symbol.dispose]();
    return [...names];
  }

  /**
   * Adds all that another index of the same precision and ranges holds, which stays as it is. Ids that are running numbers go on from this one's.
   * @throws as `add`
   */
  merge(other: EmbeddingIndex<Payload>): void {
    if (!other.#kept) return;
    const own = this.#ranges ?? other.#ranges;
    if (this.precision !== other.precision || String(own) !== String(other.#ranges))
      throw new ArgumentError(
        "EmbeddingIndex.merge",
        "both must have the same precision and ranges",
        `they have ${this.precision} and ${other.precision}${this.precision === other.precision ? ", and different ranges" : ""}`,
      );
    const numbers = this.#numbers(other.size);
    const entries = other.#entries.map((entry, i) => (typeof entry.id === "number" ? { ...entry, id: numbers[i] ?? 0 } : entry));
    this.#check("EmbeddingIndex.merge", entries, other.width);
    this.#become([...this.#entries, ...entries], this.#kept?.with(other.#kept) ?? other.#kept.only([...entries.keys()]));
  }

  /** Takes entries out; ids that aren't there are passed over. */
  remove(ids: EntryId | readonly EntryId[]): void {
    const gone = new Set(Array.isArray(ids) ? ids : [ids]);
    const left = [...this.#entries.keys()].filter((row) => !gone.has(this.#entries[row]?.id));
    if (left.length === this.size || !this.#kept) return;
    this.#become(
      left.flatMap((row) => this.#entries[row] ?? []),
      this.#kept.only(left),
    );
  }

  /**
   * The entries of the greatest cosine with a query, the nearest first; of several queries, a list for each.
   * @throws ArgumentError when the queries have another width, or topK isn't a whole number from 1 on
   */
  search(query: Vector | QuantizedVector, options?: SearchOptions<Payload>): SearchResult<Payload>[];
  search(queries: Exclude<Embeddings, Vector | QuantizedVector>, options?: SearchOptions<Payload>): SearchResult<Payload>[][];
  search(queries: Embeddings, options: SearchOptions<Payload> = {}): SearchResult<Payload>[] | SearchResult<Payload>[][] {
    checkOptions("EmbeddingIndex.search", options, searchRules);
    const { topK = 10, filter, rescoreMultiplier = 4 } = options;
    const rows = numbersOf("EmbeddingIndex.search", queries, this.#keeping);
    const counts = filter && this.#entries.map(filter);
    const results = this.#search(rows, { topK, rescoreMultiplier, counts });
    return isOne(queries) ? (results[0] ?? []) : results;
  }

  /**
   * Writes one safetensors file: the entry `embeddings`, with `ranges` and `inverse_lengths` of int8 and uint8, in the bytes that sentence-transformers makes;
   * ids and payloads as JSON in its notes. Throws as `saveSafetensors` does.
   */
  async save(where: SaveLocation): Promise<void> {
    const nothing = new Map([["embeddings", { shape: [0, 0], view: () => new Float32Array() }]]);
    const metadata = { ...notesOf(this.#entries), precision: this.precision, width: String(this.width) };
    const { saveSafetensors } = await import("@x/layers/save");
    await saveSafetensors(this.#kept?.tensors() ?? nothing, where, { metadata });
  }

  /** Starts the engine if need be. @throws CheckpointError when it isn't such a file */
  static async load<Payload extends Json = Json>(where: SourceLocation): Promise<EmbeddingIndex<Payload>> {
    await init();
    const { entries, kept, precision } = await read<Payload>(where);
    const index = new EmbeddingIndex<Payload>({ precision });
    if (kept.width > 0) index.#become(entries, kept);
    return index;
  }

  dispose(): void {
    this.#kept?.[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  get #keeping(): Keeping {
    return { precision: this.precision, ranges: this.#ranges, width: this.#kept?.width };
  }

  #vector(row: number): Float32Array {
    return this.#kept?.vector(row) ?? new Float32Array();
  }

  #search(queries: Rows, wanted: Wanted): SearchResult<Payload>[][] {
    const kept = this.#kept;
    if (!kept || queries.count === 0 || this.size === 0) return Array.from({ length: queries.count }, () => []);
    this.#checkWidth("EmbeddingIndex.search", queries.width);
    const found = kept.search(queries, inverseLengths("EmbeddingIndex.search", queries), wanted);
    return found.map((matches) =>
      matches.flatMap(({ row, score }) => {
        const entry = this.#entries[row];
        return entry ? [{ ...entry, score }] : [];
      }),
    );
  }

  /** Whether entries can join: their ids are new, and their vectors as wide. */
  #check(where: string, entries: readonly Entry<Payload>[], width: number): void {
    if (this.#kept && entries.length > 0) this.#checkWidth(where, width);
    const ids = new Set<EntryId>(this.#rowOf.keys());
    for (const { id } of entries) {
      if (ids.has(id))
        throw new ArgumentError(where, "every id is one entry's", `${JSON.stringify(id)} comes twice; remove() the old one first`);
      ids.add(id);
    }
  }

  #checkWidth(where: string, width: number): void {
    if (width !== this.width)
      throw new ArgumentError(where, `vectors must have ${this.width} numbers, as those in the index`, `these have ${width}`);
  }

  /** Other entries, all or none. */
  #become(entries: readonly Entry<Payload>[], kept: KeptVectors): void {
    this.#kept?.[Symbol.dispose]();
    this.#kept = kept;
    this.#entries = entries;
    this.#rowOf = new Map(entries.map(({ id }, row) => [id, row]));
    if (kept instanceof ScalarVectors) this.#ranges = kept.ranges;
  }

  /** The next running numbers. */
  #numbers(count: number): number[] {
    const last = this.#entries.reduce((highest, { id }) => (typeof id === "number" ? Math.max(highest, id) : highest), -1);
    return Array.from({ length: count }, (_, i) => last + 1 + i);
  }
}
