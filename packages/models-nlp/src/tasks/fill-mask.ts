import { ArgumentError, type BatchOptions, type ItemErrors, noGrad, type Ranked, type Tensor, TensorError } from "@x/layers";
import { batchRules, checkModel, checkOptions, itemErrorRules, ranked, type RulesOf, wholeFrom } from "@x/layers/model";
import type { TextInput } from "../text-encoder/text-input.ts";
import type { Encoding, EncodeOptions } from "../tokenizer/encoding.ts";
import { lengthRules } from "../tokenizer/length.ts";
import { checkLogits, encodeTexts, lengthLimit, runByLength, type TextModel, textsOf, tokenizerOf } from "./text-model.ts";
import { rowOf, softmaxOf, topIndices } from "./scores.ts";

/** What `fillMask` needs of a model: BertForMaskedLM, FNetForMaskedLM. */
export interface MaskedLanguageModel extends TextModel {
  /** text (B, N) → logits of words (B, N, V) */
  forward(text: TextInput): Tensor;
}

export interface FilledMask {
  /** As the vocabulary writes it: `##ing`; empty where the model has a row that the vocabulary has no word for. */
  readonly token: string;
  readonly id: number;
  /** Of all tokens of the vocabulary. */
  readonly probability: number;
  /** The text with the token in place of the mask. */
  readonly text: string;
}

export interface FillMaskOptions extends BatchOptions, Pick<EncodeOptions, "maxLength" | "truncation"> {
  /** How many tokens to tell, the likeliest first. Default 5. */
  readonly topK?: number | undefined;
}

const rules: RulesOf<FillMaskOptions & Partial<ItemErrors>> = { ...batchRules, ...itemErrorRules, ...lengthRules, topK: wholeFrom(1) };

/**
 * What could stand where a text says `[MASK]` (or what the tokenizer calls it), the likeliest first. Of a list of texts, a list for each.
 * @throws ArgumentError when a text doesn't have exactly one mask, or topK isn't a whole number from 1 on
 * @throws TensorError when the model has no tokenizer
 * @throws TokenizerError when a text is too long and `truncation` doesn't say what to cut
 * @throws the signal's reason when aborted
 */
export async function fillMask(model: MaskedLanguageModel, text: string, options?: FillMaskOptions): Promise<Ranked<FilledMask>>;
export async function fillMask(
  model: MaskedLanguageModel,
  texts: readonly string[],
  options: FillMaskOptions & ItemErrors,
): Promise<(Ranked<FilledMask> | undefined)[]>;
export async function fillMask(
  model: MaskedLanguageModel,
  texts: readonly string[],
  options?: FillMaskOptions,
): Promise<Ranked<FilledMask>[]>;
export async function fillMask(
  model: MaskedLanguageModel,
  texts: string | readonly string[],
  options?: FillMaskOptions,
): Promise<Ranked<FilledMask> | Ranked<FilledMask>[]>;
export async function fillMask(
  model: MaskedLanguageModel,
  texts: string | readonly string[],
  options: FillMaskOptions & Partial<ItemErrors> = {},
): Promise<Ranked<FilledMask> | undefined | (Ranked<FilledMask> | undefined)[]> {
  const hasOne = (mask: string, { length }: readonly number[]): string | undefined =>
    length === 1 ? undefined : `a text must have one ${mask}${length > 1 ? "; fillMasks fills several" : ""}`;
  const results = await fillEach("fillMask", model, textsOf(texts, "fillMask"), hasOne, options);
  const firsts = results.map((lists) => lists?.[0]);
  return typeof texts === "string" ? firsts[0] : firsts;
}

/**
 * The same for a text with several masks: a list for each, in their order. Each is filled by itself: the other masks stay in its texts.
 * @throws ArgumentError when the text has no mask; else as `fillMask` does
 */
export async function fillMasks(model: MaskedLanguageModel, text: string, options: FillMaskOptions = {}): Promise<Ranked<FilledMask>[]> {
  const hasSome = (mask: string, { length }: readonly number[]): string | undefined =>
    length > 0 ? undefined : `a text must have a ${mask}`;
  const [lists = []] = await fillEach("fillMasks", model, [text], hasSome, options);
  return lists;
}

interface MaskedText {
  readonly encoding: Encoding;
  /** Where its masks are among the ids. */
  readonly places: readonly number[];
}

/**
 * Of each text a list for each of its masks.
 * @param rule what is wrong with a text whose masks are at these places; undefined if nothing is
 */
async function fillEach(
  where: string,
  model: MaskedLanguageModel,
  list: readonly string[],
  rule: (mask: string, places: readonly number[]) => string | undefined,
  options: FillMaskOptions & Partial<ItemErrors>,
): Promise<(Ranked<FilledMask>[] | undefined)[]> {
  checkModel(where, model, ["forward", "tokenizer"], "BertForMaskedLM");
  checkOptions(where, options, rules);
  const { maxLength, truncation, topK = 5, ...task } = options;
  const tokenizer = tokenizerOf(model, where);
  const { mask } = tokenizer.special;
  if (mask === undefined) throw new TensorError(`${where}: the tokenizer has no mask token`);
  const limit = lengthLimit(model, tokenizer, maxLength);
  const encode = async (text: string): Promise<MaskedText> => {
    const encoding = await tokenizer.encodeAsync(text, { maxLength: limit, truncation, signal: task.signal });
    const places = encoding.ids.flatMap((id, place) => (id === mask ? [place] : []));
    const wrong = rule(tokenizer.idToToken(mask) ?? "", places);
    if (wrong === undefined) return { encoding, places };
    const left = encoding.ids.length === limit ? ` in the ${limit} tokens that truncation leaves` : "";
    throw new ArgumentError(where, wrong, `${JSON.stringify(text.slice(0, 100))} has ${places.length}${left}`);
  };
  const texts = await encodeTexts(where, list, encode, task);

  /** Special tokens but masks are left out. A vocabulary may have fewer words than the model has rows: what has no word leaves the place empty. */
  const textWith = (ids: readonly number[], place: number, id: number): string => {
    const word = tokenizer.idToToken(id) === undefined ? [] : [id];
    const isText = (other: number): boolean => other === mask || !tokenizer.specialIds.has(other);
    return tokenizer.decode([...ids.slice(0, place).filter(isText), ...word, ...ids.slice(place + 1).filter(isText)]);
  };
  const fill = (ids: readonly number[], place: number, logits: ArrayLike<number>): Ranked<FilledMask> => {
    const probabilities = softmaxOf(logits);
    const told = (id: number): FilledMask => ({
      token: tokenizer.idToToken(id) ?? "",
      id,
      probability: probabilities[id] ?? 0,
      text: textWith(ids, place, id),
    });
    return ranked(where, topIndices(probabilities, topK).map(told));
  };
  const hasWords = (length: number): boolean => length >= tokenizer.vocabSize;
  const run = (batch: readonly MaskedText[]): Ranked<FilledMask>[][] => {
    using inputs = tokenizer.pad(batch.map(({ encoding }) => encoding));
    using logits = noGrad(() => checkLogits(where, model, model.forward(inputs), 3, hasWords, "BertForMaskedLM")); // (B, N, V)
    const [, length = 0, vocabulary = 0] = logits.shape;
    return batch.map(({ encoding: { ids }, places }, i) => {
      const padding = inputs.inputIds.data.indexOf(mask, i * length) - (places[0] ?? 0); // it may be on the left
      return places.map((place) => fill(ids, place, rowOf(logits.data, padding + place, vocabulary)));
    });
  };
  return runByLength(model, texts, ({ encoding }) => encoding.ids.length, run, task);
}
