/** How far a job is. */
export interface BulkProgress {
  /** The source is read; the shards are worked on; the parts are put together. */
  readonly phase: "reading" | "working" | "gathering";
  /** Rows. */
  readonly done: number;
  /** Undefined while reading. */
  readonly total: number | undefined;
  /** Rows a second since this run began; those that were there before don't count. */
  readonly rate: number;
  /** Seconds that the rest takes at that rate; undefined where nothing is known yet. */
  readonly secondsLeft: number | undefined;
}

/** Counts what is done, by shard. */
export class Tally {
  readonly #total: number;
  readonly #before: number;
  readonly #tell: (progress: BulkProgress) => void;
  readonly #begun = performance.now();
  readonly #current = new Map<number, number>();
  #whole = 0;

  /** @param before rows that are done already */
  constructor(total: number, before: number, tell: (progress: BulkProgress) => void) {
    this.#total = total;
    this.#before = before;
    this.#tell = tell;
    this.#report();
  }

  /** So many rows of a shard are done. */
  partly(shard: number, rows: number): void {
    this.#current.set(shard, rows);
    this.#report();
  }

  wholly(shard: number, rows: number): void {
    this.#current.delete(shard);
    this.#whole += rows;
    this.#report();
  }

  /** It will be done again. */
  not(shard: number): void {
    this.#current.delete(shard);
  }

  #report(): void {
    const now = this.#whole + [...this.#current.values()].reduce((sum, rows) => sum + rows, 0);
    const rate = now / Math.max(1e-9, (performance.now() - this.#begun) / 1000);
    const done = this.#before + now;
    this.#tell({ phase: "working", done, total: this.#total, rate, secondsLeft: now > 0 ? (this.#total - done) / rate : undefined });
  }
}
