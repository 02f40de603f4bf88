import { ArgumentError, type BatchOptions, noGrad, type Ranked, type Tensor, TensorError } from "@x/layers";
import { batchRules, checkModel, checkOptions, ranked, type RulesOf, wholeFrom } from "@x/layers/model";
import type { TextInput } from "../text-encoder/text-input.ts";
import type { Encoding, EncodeOptions } from "../tokenizer/encoding.ts";
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
  checkModel("fillMask", model, ["forward", "tokenizer"], "BertForMaskedLM");
  checkOptions("fillMask", options, rules);
  const { topK = 5, maxLength, truncation, ...task } = options;
  const tokenizer = tokenizerOf(model, "fillMask");
  const { mask } = tokenizer.special;
  if (mask === undefined) throw new TensorError("fillMask: the tokenizer has no mask token");
  const list = textsOf(texts, "fillMask");
  const limit = lengthLimit(model, tokenizer, maxLength);
  const encodings = await encodeEach(list, (text) => tokenizer.encode(text, { maxLength: limit, truncation }), task);
  for (const [i, { ids }] of encodings.entries()) {
    const count = ids.filter((id) => id === mask).length;
    if (count === 1) continue;
    const where = ids.length === limit ? ` in its first ${limit} tokens` : "";
    const text = JSON.stringify(list[i]?.slice(0, 100));
    throw new ArgumentError("fillMask", `a text must have one ${tokenizer.idToToken(mask)}`, `${text} has ${count}${where}`);
  }

  /** A vocabulary may have fewer words than the model has rows: what has no word leaves the place empty. */
  const filled = (ids: readonly number[], id: number): number[] =>
    ids.flatMap((other) => (other !== mask ? [other] : tokenizer.idToToken(id) === undefined ? [] : [id]));
  const fill = ({ ids }: Encoding, logits: ArrayLike<number>): Ranked<FilledMask> => {
    const probabilities = softmaxOf(logits);
    const told = (id: number): FilledMask => ({
      token: tokenizer.idToToken(id) ?? "",
      id,
      probability: probabilities[id] ?? 0,
      text: tokenizer.decode(filled(ids, id), { skipSpecialTokens: true }),
    });
    return ranked("fillMask", topIndices(probabilities, topK).map(told));
  };
  const hasWords = (length: number): boolean => length >= tokenizer.vocabSize;
  const run = (batch: readonly Encoding[]): Ranked<FilledMask>[] => {
    using inputs = tokenizer.pad(batch);
    using logits = noGrad(() => checkLogits("fillMask", model, model.forward(inputs), 3, hasWords, "BertForMaskedLM")); // (B, N, V)
    const [, length = 0, vocabulary = 0] = logits.shape;
    return batch.map((encoding, i) => {
      const at = inputs.inputIds.data.indexOf(mask, i * length); //         padding may be on the left
      return fill(encoding, rowOf(logits.data, at, vocabulary));
    });
  };
  const results = await runByLength(model, encodings, ({ ids }) => ids.length, run, task);
  return typeof texts === "string" ? ranked("fillMask", results[0] ?? []) : results;
}
