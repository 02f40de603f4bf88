import { type BatchOptions, TensorError } from "@x/layers";
import { inBatches } from "@x/layers/model";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";

/** What every task needs of a model. */
export interface TextModel {
  /** Of the checkpoint; undefined when none lay beside it. */
  readonly tokenizer: Tokenizer | undefined;
  /** Whether padding changes what a text becomes, as the Fourier transform's does: then texts only go together with others of their length. Default false. */
  readonly padsMatter?: boolean | undefined;
}

/** @throws TensorError when the model has none */
export function tokenizerOf({ tokenizer }: TextModel, task: string): Tokenizer {
  if (tokenizer) return tokenizer;
  throw new TensorError(`${task}: this model has no tokenizer; set \`model.tokenizer\` to one from Tokenizer.fromPretrained`);
}

/**
 * Runs items through a model, batches of similar length together, the longest first.
 * @returns a result an item, in the items' order
 * @throws the signal's reason when aborted
 */
export async function runByLength<Item, Result>(
  model: TextModel,
  items: readonly Item[],
  lengthOf: (item: Item) => number,
  run: (batch: readonly Item[]) => readonly Result[] | Promise<readonly Result[]>,
  options: BatchOptions,
): Promise<Result[]> {
  const placed = items.map((item, place) => ({ item, place, length: lengthOf(item) }));
  const longestFirst = placed.sort((a, b) => b.length - a.length);
  const results = new Map<number, Result>();
  for await (const batch of inBatches(longestFirst, options, (one, first) => !model.padsMatter || one.length === first.length)) {
    const found = await run(batch.map(({ item }) => item));
    for (const [i, { place }] of batch.entries()) results.set(place, found[i] as Result);
  }
  return Array.from(items.keys(), (place) => results.get(place) as Result);
}
