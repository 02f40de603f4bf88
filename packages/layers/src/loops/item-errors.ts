import { XError } from "@x/core-wasm";
import { aFunction, type RulesOf } from "../options.ts";

/** Beside the options of tasks on lists: one bad text or picture doesn't stop the others. */
export interface ItemErrors {
  /**
   * Called, and awaited, for each item that can't be dealt with (a text that is too long, a damaged picture, a result that is no number), with its place in the
   * list. Its result is undefined. Without it the first such item ends the call.
   */
  readonly onError: (error: XError, index: number) => unknown;
}

export const itemErrorRules: RulesOf<Partial<ItemErrors>> = { onError: aFunction };

/**
 * What concerns one item alone.
 * @returns its result; undefined when it fails and `onError` was told
 * @throws without `onError`, what `work` throws; with it, what is no XError, and anything once the call is aborted
 */
export async function attempt<Result>(
  index: number,
  { onError, signal }: Partial<ItemErrors> & { readonly signal?: AbortSignal | undefined },
  work: () => Result | Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!onError || signal?.aborted === true || !(error instanceof XError)) throw error;
    await onError(error, index);
    return undefined;
  }
}
