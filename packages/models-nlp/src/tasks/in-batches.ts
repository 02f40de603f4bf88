import { TensorError } from "@x/layers";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";

/** What every task takes. */
export interface TaskOptions {
  /** Texts that go through the model together. Default 8. */
  readonly batchSize?: number;
  /** Called after every batch, with counts of texts (or windows of texts). */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  readonly signal?: AbortSignal;
}

/** What every task needs of a model. */
export interface TextModel {
  /** Of the checkpoint; undefined when none lay beside it. */
  readonly tokenizer: Tokenizer | undefined;
  /** Whether padding changes what a text becomes, as the Fourier transform's does: then texts only go together with others of their length. Default false. */
  readonly padsMatter?: boolean;
}

/** @throws TensorError when the model has none */
export function tokenizerOf({ tokenizer }: TextModel, task: string): Tokenizer {
  if (tokenizer) return tokenizer;
  throw new TensorError(`${task}: this model has no tokenizer; set \`model.tokenizer\` to one from Tokenizer.fromPretrained`);
}

/**
 * Runs items through a model, batches of similar length together, the longest first. Between batches others get their turn.
 * @returns a result an item, in the items' order
 * @throws the signal's reason when aborted
 */
export async function inBatches<I, R>(
  model: TextModel,
  items: readonly I[],
  lengthOf: (item: I) => number,
  run: (batch: readonly I[]) => readonly R[] | Promise<readonly R[]>,
  { batchSize = 8, onProgress, signal }: TaskOptions,
): Promise<R[]> {
  const order = [...items.keys()].sort((a, b) => lengthAt(b) - lengthAt(a));
  const results = new Map<number, R>();
  for (let from = 0; from < order.length;) {
    signal?.throwIfAborted();
    const batch = order.slice(from, from + batchSize);
    const alike = model.padsMatter ? batch.filter((i) => lengthAt(i) === lengthAt(batch[0] ?? 0)) : batch;
    const found = await run(alike.map((i) => items[i] as I));
    for (const [place, i] of alike.entries()) results.set(i, found[place] as R);
    from += alike.length;
    onProgress?.({ done: from, total: order.length });
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return Array.from(items.keys(), (i) => results.get(i) as R);

  function lengthAt(i: number): number {
    return lengthOf(items[i] as I);
  }
}
