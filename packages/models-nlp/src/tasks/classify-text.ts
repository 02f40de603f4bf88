import { type BatchOptions, type ItemErrors, type Labels, noGrad, type Ranked, type Tensor } from "@x/layers";
import { batchRules, checkModel, checkOptions, itemErrorRules, ranked, type RulesOf, scoringOf, shown, wholeFrom } from "@x/layers/model";
import type { TextInput } from "../text-encoder/text-input.ts";
import type { Encoding, EncodeOptions } from "../tokenizer/encoding.ts";
import { lengthRules } from "../tokenizer/length.ts";
import { requireText } from "../tokenizer/stages/require-text.ts";
import { TokenizerError } from "../tokenizer/stages/tokenizer-error.ts";
import { checkLogits, encodeEach, lengthLimit, runByLength, type TextModel, tokenizerOf } from "./text-model.ts";
import { rowOf, sigmoidOf, softmaxOf, topIndices } from "./scores.ts";

/** What `classifyText` needs of a model: BertForSequenceClassification, FNetForSequenceClassification. */
export interface TextClassifier extends TextModel {
  readonly config: {
    readonly id2label: Labels;
    /** "single_label_classification", "multi_label_classification" or "regression". Default: single, or multi if there is one label. */
    readonly problemType?: string | null | undefined;
    readonly maxPositionEmbeddings?: number | undefined;
  };
  /** text (B, N) → logits (B, labels) */
  forward(text: TextInput): Tensor;
}

/** A text, or a pair of texts that are judged together: premise and hypothesis, question and passage. */
export type TextOrPair = string | readonly [first: string, second: string];

export interface TextClassification {
  readonly label: string;
  /** Number of the class. */
  readonly id: number;
  /** From softmax over all classes; of a model for several labels at once, each class's own sigmoid; of a regression, the quantity as it is. */
  readonly probability: number;
}

export interface ClassifyTextOptions extends BatchOptions, Pick<EncodeOptions, "maxLength" | "truncation"> {
  /** How many classes to tell, the likeliest first. Default 5, or all if there are fewer. */
  readonly topK?: number | undefined;
}

const rules: RulesOf<ClassifyTextOptions & Partial<ItemErrors>> = { ...batchRules, ...itemErrorRules, ...lengthRules, topK: wholeFrom(1) };

/**
 * What kind of text it is: the likeliest classes with their probabilities. Of a list of texts, a list for each. A pair is written
 * `[[first, second]]`, as a list of one.
 * @throws TensorError when the model has no tokenizer, or topK isn't a whole number from 1 on
 * @throws TokenizerError when a text is too long and `truncation` doesn't say what to cut
 * @throws the signal's reason when aborted
 */
export async function classifyText(model: TextClassifier, text: string, options?: ClassifyTextOptions): Promise<Ranked<TextClassification>>;
export async function classifyText(
  model: TextClassifier,
  texts: readonly TextOrPair[],
  options: ClassifyTextOptions & ItemErrors,
): Promise<(Ranked<TextClassification> | undefined)[]>;
export async function classifyText(
  model: TextClassifier,
  texts: readonly TextOrPair[],
  options?: ClassifyTextOptions,
): Promise<Ranked<TextClassification>[]>;
export async function classifyText(
  model: TextClassifier,
  texts: string | readonly TextOrPair[],
  options?: ClassifyTextOptions,
): Promise<Ranked<TextClassification> | Ranked<TextClassification>[]>;
export async function classifyText(
  model: TextClassifier,
  texts: string | readonly TextOrPair[],
  options: ClassifyTextOptions & Partial<ItemErrors> = {},
): Promise<Ranked<TextClassification> | undefined | (Ranked<TextClassification> | undefined)[]> {
  checkModel("classifyText", model, ["forward", "tokenizer", "config.id2label"], "BertForSequenceClassification");
  checkOptions("classifyText", options, rules);
  const { topK = 5, maxLength, truncation, ...task } = options;
  const tokenizer = tokenizerOf(model, "classifyText");
  const probabilitiesOf = probabilitiesFrom(model);
  const limit = lengthLimit(model, tokenizer, maxLength);
  const encode = async (item: TextOrPair, i: number): Promise<Encoding> => {
    const [text, pair] = textOrPair(item, i);
    return tokenizer.encodeAsync(text, { maxLength: limit, truncation, pair, signal: task.signal });
  };
  const encodings = await encodeEach(listOfTexts(texts), encode, task);
  const isLabels = (length: number): boolean => length === Object.keys(model.config.id2label).length;
  const run = (batch: readonly Encoding[]): Ranked<TextClassification>[] => {
    using inputs = tokenizer.pad(batch);
    using logits = noGrad(() => checkLogits("classifyText", model, model.forward(inputs), 2, isLabels, "BertForSequenceClassification")); // (B, labels)
    const classes = logits.shape.at(-1) ?? 0;
    return batch.map((_, i) => {
      const probabilities = probabilitiesOf(rowOf(logits.data, i, classes));
      const told = (id: number): TextClassification => ({
        id,
        label: model.config.id2label[id] ?? `LABEL_${id}`,
        probability: probabilities[id] ?? 0,
      });
      return ranked("classifyText", topIndices(probabilities, topK).map(told));
    });
  };
  const results = await runByLength(model, encodings, ({ ids }) => ids.length, run, task);
  return typeof texts === "string" ? results[0] : results;
}

function listOfTexts(texts: string | readonly TextOrPair[]): readonly TextOrPair[] {
  if (typeof texts === "string") return [texts];
  if (Array.isArray(texts)) return texts;
  throw new TokenizerError(`classifyText: it takes a string or a list of strings and pairs, but got ${shown(texts)}`);
}

/** @throws TokenizerError when it is neither a string nor a pair of strings */
function textOrPair(item: TextOrPair, i: number): readonly [text: string, pair?: string] {
  const [text, pair, ...more] = typeof item === "string" ? [item] : Array.isArray(item) ? (item as readonly string[]) : [item];
  requireText(text, `classifyText: text ${i}`);
  if (typeof item === "string") return [text];
  requireText(pair, `classifyText: the second text of pair ${i}`);
  if (more.length > 0) throw new TokenizerError(`classifyText: pair ${i} should hold two texts, but holds ${more.length + 2}`);
  return [text, pair];
}

/** How the model's logits become probabilities. */
function probabilitiesFrom({ config }: TextClassifier): (logits: ArrayLike<number>) => Float64Array {
  const scorings = { softmax: softmaxOf, sigmoid: sigmoidOf, none: (logits: ArrayLike<number>) => Float64Array.from(logits) };
  return scorings[scoringOf(config.problemType, Object.keys(config.id2label).length)];
}
