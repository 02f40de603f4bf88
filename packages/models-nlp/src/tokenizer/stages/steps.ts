/** Long work in short steps, so that whoever does it can give others a turn in between. */
import { breather } from "@x/layers/model";

/** Work that pauses every few thousand characters, a millisecond or two, until it has its result. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** All of it at once. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** Between its steps others get a turn, once every few milliseconds. @throws the signal's reason when aborted */
export async function inTurns<T>(steps: Steps<T>, signal: AbortSignal | undefined): Promise<T> {
  const breathe = breather(12);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    signal?.throwIfAborted();
    await breathe();
  }
}

/** Work that is done already. */
export function* ready<T>(result: T): Steps<T> {
  yield* [];
  return result;
}

/** How many of the things that are counted make a step. */
const aStep = 2048;

/** Whether a step is at its end: of 0, 1, 2… now and then. */
export const endsStep = (count: number): boolean => count % aStep === aStep - 1;

/** A list's items, each made into something, in steps. */
export function* mapped<Item, Result>(items: readonly Item[], make: (item: Item) => Result): Steps<Result[]> {
  const results: Result[] = [];
  for (const [i, item] of items.entries()) {
    results.push(make(item));
    if (endsStep(i)) yield;
  }
  return results;
}
