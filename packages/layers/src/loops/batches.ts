import { aFunction, aSignal, checkOptions, type RulesOf, wholeFrom } from "../options.ts";

/** What every task takes that runs a model on any number of items: images, texts, windows of texts. */
export interface BatchOptions {
  /** How many items go through the model together. Default 8. */
  readonly batchSize?: number | undefined;
  /** Called after every batch, with counts of items. */
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export const batchRules: RulesOf<BatchOptions> = { batchSize: wholeFrom(1), onProgress: aFunction, signal: aSignal };

/**
 * Items batch by batch, in their order. When a batch has been dealt with, `onProgress` is called and other work gets its turn.
 * @param fits which items may share a batch with its first one; the next that may not begins a batch of its own. Default: all
 * @throws ArgumentError when an option can't be, or has another name
 * @throws the signal's reason when aborted
 */
export async function* inBatches<Item>(
  items: readonly Item[],
  options: BatchOptions = {},
  fits: (item: Item, first: Item) => boolean = () => true,
): AsyncGenerator<readonly Item[], void, void> {
  checkOptions("inBatches", options, batchRules);
  const { batchSize = 8, onProgress, signal } = options;
  for (let done = 0; done < items.length;) {
    signal?.throwIfAborted();
    const next = items.slice(done, done + batchSize);
    const misfit = next.findIndex((item) => !fits(item, next[0] as Item));
    const batch = misfit < 0 ? next : next.slice(0, misfit);
    yield batch;
    done += batch.length;
    onProgress?.({ done, total: items.length });
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

/** One item or several, as a list. */
export function listOf<Item>(items: Item | readonly Item[]): readonly Item[] {
  return isList(items) ? items : [items];
}

const isList = <Item>(items: Item | readonly Item[]): items is readonly Item[] => Array.isArray(items);
