import { ArgumentError, type BatchOptions, type ItemErrors, Tensor, TensorError } from "@x/layers";
import { attempt, breather, inBatches, shown } from "@x/layers/model";
import { requireText } from "../tokenizer/stages/require-text.ts";
import { TokenizerError } from "../tokenizer/stages/tokenizer-error.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";

/** What every task needs of a model. */
export interface TextModel {
  /** Of the checkpoint; undefined when none lay beside it. */
  readonly tokenizer: Tokenizer | undefined;
  /** Most tokens of a text that it has positions for. Default: as the config says. */
  readonly maxPositions?: number | undefined;
  /** Whatever config it has: `object` is there for those, such as CLIP's, that have nothing of this. */
  readonly config?:
    | (object & {
        /** Most tokens of a text. Default: as many as the tokenizer says. */
        readonly maxPositionEmbeddings?: number | undefined;
      })
    | undefined;
  /** Whether padding changes what a text becomes, as the Fourier transform's does: then texts only go together with others of their length. Default false. */
  readonly padsMatter?: boolean | undefined;
}

/** @throws TensorError when the model has none */
export function tokenizerOf({ tokenizer }: TextModel, task: string): Tokenizer {
  if (tokenizer) return tokenizer;
  throw new TensorError(`${task}: this model has no tokenizer; set \`model.tokenizer\` to one from Tokenizer.fromPretrained`);
}

/** A model of another kind gives other logits. @param last length of their last axis @throws ArgumentError naming such models, and what came */
export function checkLogits(
  task: string,
  model: object,
  logits: Tensor,
  rank: number,
  last: (length: number) => boolean,
  such: string,
): Tensor {
  if (logits instanceof Tensor && logits.shape.length === rank && last(logits.shape.at(-1) ?? 0)) return logits;
  throw new ArgumentError(task, `the model must be one such as ${such}`, `${shown(model)} came`);
}

/** Most tokens of a text: what the call asks for, else what the tokenizer's files declare, but never more than the model has positions for. */
export function lengthLimit({ config, maxPositions }: TextModel, tokenizer: Tokenizer, asked: number | undefined): number {
  return Math.min(asked ?? tokenizer.maxLength ?? Infinity, maxPositions ?? config?.maxPositionEmbeddings ?? Infinity);
}

/** A task's texts, one or many, as a list. @throws TokenizerError when it is neither */
export function textsOf(texts: string | readonly string[], task: string): readonly string[] {
  if (typeof texts === "string") return [texts];
  if (!Array.isArray(texts)) throw new TokenizerError(`${task}: it takes a string or a list of strings, but got ${shown(texts)}`);
  return texts;
}

/** What tasks on lists take, of which those for a list may be told of errors item by item. */
export type TaskOptions = BatchOptions & Partial<ItemErrors>;

/**
 * Encodes one after the other; others get a turn in between.
 * @returns undefined for what can't be encoded, where `onError` is told
 * @throws the signal's reason when aborted
 */
export async function encodeEach<Item, Result>(
  items: readonly Item[],
  encode: (item: Item, i: number) => Promise<Result>,
  options: TaskOptions,
): Promise<(Result | undefined)[]> {
  const breathe = breather();
  const encoded: (Result | undefined)[] = [];
  for (const [i, item] of items.entries()) {
    options.signal?.throwIfAborted();
    encoded.push(await attempt(i, options, () => encode(item, i)));
    await breathe();
  }
  return encoded;
}

/** The same for texts. @throws TokenizerError when one is no string */
export function encodeTexts<Result>(
  task: string,
  texts: readonly string[],
  encode: (text: string, i: number) => Promise<Result>,
  options: TaskOptions,
): Promise<(Result | undefined)[]> {
  const checked = async (text: string, i: number): Promise<Result> => {
    requireText(text, `${task}: text ${i}`);
    return encode(text, i);
  };
  return encodeEach(texts, checked, options);
}

/**
 * Runs items through a model, batches of similar length together, the longest first.
 * @returns a result an item, in the items' order; undefined for those that are
 * @throws the signal's reason when aborted
 */
export async function runByLength<Item extends object, Result>(
  model: TextModel,
  items: readonly (Item | undefined)[],
  lengthOf: (item: Item) => number,
  run: (batch: readonly Item[]) => readonly Result[] | Promise<readonly Result[]>,
  { batchSize, onProgress, signal }: BatchOptions,
): Promise<(Result | undefined)[]> {
  const placed = items.flatMap((item, place) => (item ? [{ item, place, length: lengthOf(item) }] : []));
  const longestFirst = placed.sort((a, b) => b.length - a.length);
  const results = items.map((): Result | undefined => undefined);
  const fits = (one: { readonly length: number }, first: { readonly length: number }): boolean =>
    !model.padsMatter || one.length === first.length;
  for await (const batch of inBatches(longestFirst, { batchSize, onProgress, signal }, fits)) {
    const found = await run(batch.map(({ item }) => item));
    for (const [i, { place }] of batch.entries()) results[place] = found[i];
  }
  return results;
}

/** What was found in windows, by the item that they are of. */
export function byOwner<Found>(
  count: number,
  windows: readonly { readonly owner: number }[],
  found: readonly (Found | undefined)[],
): Found[][] {
  const lists = Array.from({ length: count }, (): Found[] => []);
  for (const [i, { owner }] of windows.entries()) {
    const one = found[i];
    if (one !== undefined) lists[owner]?.push(one);
  }
  return lists;
}
