import { type BatchOptions, type ItemErrors, type Labels, noGrad, type Tensor } from "@x/layers";
import { aText, batchRules, checkModel, checkOptions, itemErrorRules, many, oneOf, type RulesOf, wholeFrom } from "@x/layers/model";
import type { TextInput } from "../text-encoder/text-input.ts";
import type { Encoding, EncodeOptions } from "../tokenizer/encoding.ts";
import { lengthRules } from "../tokenizer/length.ts";
import { type Aggregation, aggregations, type Entity, entitiesOf, type TaggedToken, withoutOverlaps } from "./entities.ts";
import { byOwner, checkLogits, encodeTexts, lengthLimit, runByLength, type TextModel, textsOf, tokenizerOf } from "./text-model.ts";
import { rowOf, softmaxOf } from "./scores.ts";

/** What `tagTokens` needs of a model: BertForTokenClassification, FNetForTokenClassification. */
export interface TokenClassifier extends TextModel {
  readonly config: { readonly id2label: Labels; readonly maxPositionEmbeddings?: number | undefined };
  /** text (B, N) → logits (B, N, labels) */
  forward(text: TextInput): Tensor;
}

export interface TagTokensOptions extends BatchOptions, Pick<EncodeOptions, "maxLength" | "truncation"> {
  /** How tokens become entities. Default "simple". */
  readonly aggregation?: Aggregation | undefined;
  /** Labels that are not told. Default ["O"]. */
  readonly ignoreLabels?: readonly string[] | undefined;
  /** Reads a long text in windows that share so many tokens. Default: a long text is an error, or cut as `truncation` says. */
  readonly stride?: number | undefined;
}

const rules: RulesOf<TagTokensOptions & Partial<ItemErrors>> = {
  ...batchRules,
  ...itemErrorRules,
  ...lengthRules,
  aggregation: oneOf(...aggregations),
  ignoreLabels: many(aText),
  stride: wholeFrom(0),
};

/**
 * Names, places and the like: stretches of a text with the label that the model gives them, in order. Of a list of texts, a list for each.
 * @throws TensorError when the model has no tokenizer
 * @throws TokenizerError when a text is too long and neither `stride` nor `truncation` says what to do
 * @throws the signal's reason when aborted
 */
export async function tagTokens(model: TokenClassifier, text: string, options?: TagTokensOptions): Promise<Entity[]>;
export async function tagTokens(
  model: TokenClassifier,
  texts: readonly string[],
  options: TagTokensOptions & ItemErrors,
): Promise<(Entity[] | undefined)[]>;
export async function tagTokens(model: TokenClassifier, texts: readonly string[], options?: TagTokensOptions): Promise<Entity[][]>;
export async function tagTokens(
  model: TokenClassifier,
  texts: string | readonly string[],
  options?: TagTokensOptions,
): Promise<Entity[] | Entity[][]>;
export async function tagTokens(
  model: TokenClassifier,
  texts: string | readonly string[],
  options: TagTokensOptions & Partial<ItemErrors> = {},
): Promise<Entity[] | undefined | (Entity[] | undefined)[]> {
  checkModel("tagTokens", model, ["forward", "tokenizer", "config.id2label"], "BertForTokenClassification");
  checkOptions("tagTokens", options, rules);
  const { aggregation = "simple", ignoreLabels = ["O"], stride, maxLength, truncation, ...task } = options;
  const tokenizer = tokenizerOf(model, "tagTokens");
  const { id2label } = model.config;
  const list = textsOf(texts, "tagTokens");
  const limit = lengthLimit(model, tokenizer, maxLength);
  const encode = async (text: string): Promise<readonly Encoding[]> =>
    stride === undefined
      ? [await tokenizer.encodeAsync(text, { maxLength: limit, truncation, signal: task.signal })]
      : tokenizer.encodeWindowsAsync(text, { maxLength: limit, stride, signal: task.signal });
  const encodings = await encodeTexts("tagTokens", list, encode, task);
  const windows = list.flatMap((text, owner) => (encodings[owner] ?? []).map((encoding) => ({ encoding, text, owner })));

  const tokensOf = ({ offsets, sequenceIds, wordIds }: Encoding, logits: (i: number) => Float32Array): TaggedToken[] =>
    offsets.flatMap(([begin, end], i) => {
      if (sequenceIds[i] === null) return [];
      return [{ begin, end, word: wordIds[i] ?? null, scores: softmaxOf(logits(i)) }];
    });
  const isLabels = (length: number): boolean => length === Object.keys(id2label).length;
  const run = (batch: readonly (typeof windows)[number][]): Entity[][] => {
    using inputs = tokenizer.pad(batch.map(({ encoding }) => encoding));
    using logits = noGrad(() => checkLogits("tagTokens", model, model.forward(inputs), 3, isLabels, "BertForTokenClassification")); // (B, N, labels)
    const [, length = 0, classes = 0] = logits.shape;
    return batch.map(({ encoding, text }, i) => {
      const first = tokenizer.paddingSide === "left" ? length - encoding.ids.length : 0;
      const tokens = tokensOf(encoding, (at) => rowOf(logits.data, i * length + first + at, classes));
      return entitiesOf(text, tokens, aggregation, id2label).filter(({ label }) => !ignoreLabels.includes(label));
    });
  };
  const found = await runByLength(model, windows, ({ encoding }) => encoding.ids.length, run, task);
  const results = byOwner(list.length, windows, found).map((own) => {
    if (own.length === 0) return undefined; // it couldn't be encoded
    return own.length > 1 ? withoutOverlaps(own.flat()) : own.flat();
  });
  return typeof texts === "string" ? results[0] : results;
}
