import { ArgumentError, type BatchOptions, noGrad, type Ranked, type Tensor, TensorError } from "@x/layers";
import { batchRules, checkModel, checkOptions, ranked, type RulesOf, wholeFrom } from "@x/layers/model";
import type { TextInput } from "../text-encoder/text-input.ts";
import type { Encoding, EncodeOptions } from "../tokenizer/encoding.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { lengthRules } from "../tokenizer/length.ts";
import { checkLogits, encodeEach, lengthLimit, runByLength, type TextModel, textsOf, tokenizerOf } from "./text-model.ts";
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

const rules: RulesOf<FillMaskOptions> = { ...batchRules, ...lengthRules, topK: wholeFrom(1) };

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
  options: FillMaskOptions = {},
): Promise<Ranked<FilledMask> | Ranked<FilledMask>[]> {
  const masked = await encodeMasked("fillMask", model, textsOf(texts, "fillMask"), options);
  const { tokenizer, mask } = masked;
  for (const { encoding, text, places } of masked.texts) {
    if (places.length === 1) continue;
    const other = places.length > 1 ? "; fillMasks fills several" : "";
    throw new ArgumentError(
      "fillMask",
      `a text must have one ${tokenizer.idToToken(mask)}${other}`,
      `${shortened(text)} has ${places.length}${leftBy(masked, encoding)}`,
    );
  }
  const results = await fillPlaces("fillMask", model, masked, options);
  const firsts = results.map(([first = []]) => ranked("fillMask", first));
  return typeof texts === "string" ? ranked("fillMask", firsts[0] ?? []) : firsts;
}

/**
 * The same for a text with several masks: a list for each, in their order. Each is filled by itself: the other masks stay in its texts.
 * @throws ArgumentError when the text has no mask; else as `fillMask` does
 */
export async function fillMasks(model: MaskedLanguageModel, text: string, options: FillMaskOptions = {}): Promise<Ranked<FilledMask>[]> {
  const masked = await encodeMasked("fillMasks", model, [text], options);
  for (const { encoding, places } of masked.texts) {
    if (places.length > 0) continue;
    throw new ArgumentError(
      "fillMasks",
      `a text must have a ${masked.tokenizer.idToToken(masked.mask)}`,
      `${shortened(text)} has none${leftBy(masked, encoding)}`,
    );
  }
  const [lists = []] = await fillPlaces("fillMasks", model, masked, options);
  return lists.map((list) => ranked("fillMasks", list));
}

interface MaskedText {
  readonly text: string;
  readonly encoding: Encoding;
  /** Where its masks are among the ids. */
  readonly places: readonly number[];
}

interface MaskedTexts {
  readonly tokenizer: Tokenizer;
  /** The mask's id. */
  readonly mask: number;
  /** Most tokens of a text. */
  readonly limit: number | undefined;
  readonly texts: readonly MaskedText[];
}

async function encodeMasked(
  where: string,
  model: MaskedLanguageModel,
  list: readonly string[],
  options: FillMaskOptions,
): Promise<MaskedTexts> {
  checkModel(where, model, ["forward", "tokenizer"], "BertForMaskedLM");
  checkOptions(where, options, rules);
  const { maxLength, truncation, topK: _, ...task } = options;
  const tokenizer = tokenizerOf(model, where);
  const { mask } = tokenizer.special;
  if (mask === undefined) throw new TensorError(`${where}: the tokenizer has no mask token`);
  const limit = lengthLimit(model, tokenizer, maxLength);
  const encodings = await encodeEach(list, (text) => tokenizer.encode(text, { maxLength: limit, truncation }), task);
  const texts = encodings.map((encoding, i) => ({ text: list[i] ?? "", encoding, places: placesOf(encoding.ids, mask) }));
  return { tokenizer, mask, limit, texts };
}

const placesOf = (ids: readonly number[], mask: number): readonly number[] => ids.flatMap((id, place) => (id === mask ? [place] : []));
const leftBy = ({ limit }: MaskedTexts, { ids }: Encoding): string =>
  ids.length === limit ? ` in the ${limit} tokens that truncation leaves` : "";
const shortened = (text: string): string => JSON.stringify(text.slice(0, 100));

/** Of each text a list for each mask. */
function fillPlaces(
  where: string,
  model: MaskedLanguageModel,
  { tokenizer, mask, texts }: MaskedTexts,
  { topK = 5, maxLength: _1, truncation: _2, ...task }: FillMaskOptions,
): Promise<FilledMask[][][]> {
  /** Special tokens but masks are left out. A vocabulary may have fewer words than the model has rows: what has no word leaves the place empty. */
  const textWith = (ids: readonly number[], place: number, id: number): string => {
    const word = tokenizer.idToToken(id) === undefined ? [] : [id];
    const isText = (other: number): boolean => other === mask || !tokenizer.specialIds.has(other);
    return tokenizer.decode([...ids.slice(0, place).filter(isText), ...word, ...ids.slice(place + 1).filter(isText)]);
  };
  const fill = (ids: readonly number[], place: number, logits: ArrayLike<number>): FilledMask[] => {
    const probabilities = softmaxOf(logits);
    return topIndices(probabilities, topK).map((id) => ({
      token: tokenizer.idToToken(id) ?? "",
      id,
      probability: probabilities[id] ?? 0,
      text: textWith(ids, place, id),
    }));
  };
  const hasWords = (length: number): boolean => length >= tokenizer.vocabSize;
  const run = (batch: readonly MaskedText[]): FilledMask[][][] => {
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
