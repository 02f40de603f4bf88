import { ArgumentError, Rng } from "@x/layers";
import {
  aFlag,
  aFunction,
  anObject,
  anRng,
  checkArguments,
  checkOptions,
  Draws,
  limitFrom,
  type RulesOf,
  type ValueRule,
  wholeFrom,
} from "@x/layers/model";

/** Examples, which are plain objects: a list, or anything that can be walked through, anew for every epoch. */
export type Dataset<Example> = readonly Example[] | Iterable<Example> | AsyncIterable<Example>;

export interface BatchesOptions<Example, Batch = readonly Example[]> {
  /** Default 16. */
  readonly batchSize?: number | undefined;
  /** Whether each epoch comes in an order of its own. What isn't a list is shuffled within fifty batches. Default false. */
  readonly shuffle?: boolean | undefined;
  /** What orders are drawn from; needed to shuffle. */
  readonly rng?: Rng | undefined;
  /** Puts examples of similar length together, so that less is padded: of every fifty batches' examples, those of one length share a batch. Default: it doesn't matter. */
  readonly lengthOf?: ((example: Example) => number) | undefined;
  /** Whether a last batch that isn't full is left out. Default false. */
  readonly dropLast?: boolean | undefined;
  /** Examples → a batch. Default: their list. */
  readonly collate?: ((examples: readonly Example[]) => Batch | Promise<Batch>) | undefined;
  /** How often all examples come. Default 1. */
  readonly epochs?: number | undefined;
  /** Where to go on: what `cursor` was. Default: at the beginning. */
  readonly cursor?: BatchCursor | undefined;
}

/** A place between two batches: plain numbers, to be kept in a file. */
export interface BatchCursor {
  /** Epochs that are over. */
  readonly epoch: number;
  /** Batches of this epoch that are. */
  readonly batch: number;
  /** What this epoch's order was drawn with. */
  readonly order?: number | undefined;
  /** The rng's state. */
  readonly draws?: number | undefined;
}

const rules: RulesOf<BatchesOptions<never, unknown>> = {
  batchSize: wholeFrom(1),
  shuffle: aFlag,
  rng: anRng,
  lengthOf: aFunction,
  dropLast: aFlag,
  collate: aFunction,
  epochs: limitFrom(1),
  cursor: anObject,
};

export const aDataset: ValueRule = {
  rule: "a list of examples, or something else that is iterable",
  holds: (value) => typeof value === "object" && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value),
};

/** What an evaluation takes: a list that has something in it. */
export const someExamples: ValueRule = {
  rule: "a list of at least one example, or something else that is iterable",
  holds: (value) => aDataset.holds(value) && !(Array.isArray(value) && value.length === 0),
};

/** How many batches are looked at together: what isn't a list is shuffled in them, lengths are sorted in them. */
const WINDOW = 50;

/**
 * A dataset batch by batch.
 *
 * ```ts
 * for await (const mails of batches(dataset, { batchSize: 32, shuffle: true, rng: new Rng(1) })) …
 * ```
 * @throws ArgumentError when an option can't be, an example is none, or an epoch has nothing in it: a generator can be walked through once only
 */
export function batches<Example, Batch = readonly Example[]>(
  dataset: Dataset<Example>,
  options: BatchesOptions<Example, Batch> = {},
): Batches<Example, Batch> {
  return new Batches(dataset, options);
}

/** What `batches` gives: to be walked through once, by one. */
export class Batches<Example, Batch = readonly Example[]> implements AsyncIterable<Batch> {
  readonly #dataset: Dataset<Example>;
  readonly #options: BatchesOptions<Example, Batch>;
  #epoch: number;
  #batch: number;
  #order: number | undefined;

  constructor(dataset: Dataset<Example>, options: BatchesOptions<Example, Batch>) {
    checkArguments("batches", aDataset, { dataset });
    checkOptions("batches", options, rules);
    const { shuffle = false, rng, cursor = { epoch: 0, batch: 0 } } = options;
    if (shuffle && !rng) throw new ArgumentError("batches", "an rng is needed to shuffle", "none was given");
    this.#dataset = dataset;
    this.#options = options;
    this.#epoch = cursor.epoch;
    this.#batch = cursor.batch;
    this.#order = cursor.order;
    if (rng && cursor.draws !== undefined) rng.state = cursor.draws;
  }

  /** The place behind the batch that came last. Whoever goes on from it gets the same batches that would have come here. */
  get cursor(): BatchCursor {
    return { epoch: this.#epoch, batch: this.#batch, order: this.#order, draws: this.#options.rng?.state };
  }

  /** How many batches an epoch has; undefined where only walking through the dataset tells. */
  get batchesPerEpoch(): number | undefined {
    if (!isList(this.#dataset)) return undefined;
    const { batchSize = 16, dropLast = false } = this.#options;
    return dropLast ? Math.floor(this.#dataset.length / batchSize) : Math.ceil(this.#dataset.length / batchSize);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch, void, void> {
    const { epochs = 1, shuffle = false, rng, collate } = this.#options;
    for (; this.#epoch < epochs; this.#epoch++, this.#batch = 0, this.#order = undefined) {
      // An order has a seed of its own: what else is drawn from the rng while an epoch lasts doesn't change it.
      if (shuffle && rng) this.#order ??= new Draws(rng).below(2 ** 24);
      const draws = this.#order === undefined ? undefined : new Draws(new Rng(this.#order));
      let place = 0;
      for await (const examples of inOrder(this.#dataset, this.#options, draws)) {
        if (place++ < this.#batch) continue;
        this.#batch = place;
        yield (await collate?.(examples)) ?? (examples as Batch);
      }
      if (place === 0) throw new ArgumentError("batches", "every epoch needs at least one batch", `epoch ${this.#epoch + 1} had none`);
    }
  }
}

/** An epoch's examples, batch by batch. */
async function* inOrder<Example>(
  dataset: Dataset<Example>,
  { batchSize = 16, lengthOf, dropLast = false }: Omit<BatchesOptions<Example, unknown>, "collate">,
  draws: Draws | undefined,
): AsyncGenerator<readonly Example[], void, void> {
  const whole = isList(dataset) ? (draws?.shuffled(dataset) ?? dataset) : undefined;
  for await (const window of windowsOf(whole ?? dataset, WINDOW * batchSize)) {
    const mixed = whole ? window : (draws?.shuffled(window) ?? window);
    const placed = lengthOf ? byLength(mixed, lengthOf) : mixed;
    const full = Array.from({ length: Math.ceil(placed.length / batchSize) }, (_, i) => placed.slice(i * batchSize, (i + 1) * batchSize));
    const kept = dropLast ? full.filter(({ length }) => length === batchSize) : full;
    yield* lengthOf && draws ? draws.shuffled(kept) : kept;
  }
}

function byLength<Example>(examples: readonly Example[], lengthOf: (example: Example) => number): readonly Example[] {
  const measured = examples.map((example) => ({ example, length: lengthOf(example) }));
  return measured.sort((a, b) => b.length - a.length).map(({ example }) => example);
}

async function* windowsOf<Example>(examples: Dataset<Example>, size: number): AsyncGenerator<readonly Example[], void, void> {
  let window: Example[] = [];
  for await (const example of examples) {
    if (example === undefined || example === null)
      throw new ArgumentError("batches", "examples are plain objects", `one is ${String(example)}`);
    window.push(example);
    if (window.length < size) continue;
    yield window;
    window = [];
  }
  if (window.length > 0) yield window;
}

export const isList = <Example>(dataset: Dataset<Example>): dataset is readonly Example[] => Array.isArray(dataset);
