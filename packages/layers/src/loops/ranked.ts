import { TensorError } from "../errors.ts";
import { checkNumbers, wholeFrom } from "../options.ts";

/** The best first; there is at least one. */
export type Ranked<Item> = [best: Item, ...others: Item[]];

/** @throws ArgumentError when topK isn't a whole number from 1 on */
export const checkTopK = (task: string, topK: number): void => checkNumbers(task, wholeFrom(1), { topK });

/** A list that isn't empty. @throws TensorError when it is */
export function ranked<Item>(task: string, [best, ...others]: readonly Item[]): Ranked<Item> {
  if (best === undefined) throw new TensorError(`${task}: there is nothing to choose from`);
  return [best, ...others];
}
