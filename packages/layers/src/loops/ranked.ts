import { TensorError } from "../errors.ts";

/** The best first; there is at least one. */
export type Ranked<Item> = [best: Item, ...others: Item[]];

/** A list that isn't empty. @throws TensorError when it is */
export function ranked<Item>(task: string, [best, ...others]: readonly Item[]): Ranked<Item> {
  if (best === undefined) throw new TensorError(`${task}: there is nothing to choose from`);
  return [best, ...others];
}
