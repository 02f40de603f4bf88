import { ArgumentError, type BatchOptions, type ItemErrors, noGrad, type Ranked, type Tensor } from "@x/layers";
import {
  aFlag,
  batchRules,
  checkModel,
  checkOptions,
  itemErrorRules,
  limitFrom,
  listOf,
  ranked,
  type RulesOf,
  shown,
  wholeFrom,
} from "@x/layers/model";
import type { TextInput } from "../text-encoder/text-input.ts";
import type { Encoding } from "../tokenizer/encoding.ts";
import { bestSpans } from "./answer-spans.ts";
import { byOwner, encodeEach, lengthLimit, runByLength, type TextModel, tokenizerOf } from "./text-model.ts";
import { rowOf } from "./scores.ts";

/** What `answer` needs of a model: BertForQuestionAnswering, FNetForQuestionAnswering. */
export interface QuestionAnsweringModel extends TextModel {
  /** question and context (B, N) → logits of the answer's first and last token, both (B, N) */
  forward(text: TextInput): { readonly startLogits: Tensor; readonly endLogits: Tensor };
}

export interface Answer {
  /** What the context says there; empty when it doesn't say. */
  readonly text: string;
  /** In UTF-16 units of the context. */
  readonly begin: number;
  readonly end: number;
  /**
   * That the answer begins there, times that it ends there, within its window; summed over places of the window that say the same. Of several
   * windows that give the same answer, the highest.
   */
  readonly probability: number;
}

export interface AnswerOptions extends BatchOptions {
  /** How many answers to tell, the likeliest first. Default 1. */
  readonly topK?: number | undefined;
  /** Most tokens of an answer. Default 15. */
  readonly maxAnswerLength?: number | undefined;
  /** Whether "the context doesn't say" is an answer too, for models that learned it (SQuAD 2.0). Default false. */
  readonly allowNoAnswer?: boolean | undefined;
  /** Most tokens of a window, question and special tokens included. Default 384; never more than the model's limit. */
  readonly maxLength?: number | undefined;
  /** Tokens of the context that neighbouring windows share. Default 128, or half a window if that is less. */
  readonly stride?: number | undefined;
}

export interface Question {
  readonly question: string;
  readonly context: string;
}

const rules: RulesOf<AnswerOptions & Partial<ItemErrors>> = {
  ...batchRules,
  ...itemErrorRules,
  topK: wholeFrom(1),
  maxAnswerLength: wholeFrom(1),
  allowNoAnswer: aFlag,
  maxLength: limitFrom(1),
  stride: wholeFrom(0),
};

/**
 * Where a context answers a question. Devlin et al. 2019, §4.2 and §4.3. A long context is read in windows that overlap. Of a list of questions, a list of
 * answers for each. Of a context without a word there is one answer, the empty one.
 * @throws TensorError when the model has no tokenizer, or topK isn't a whole number from 1 on
 * @throws TokenizerError when the question leaves no room for the context
 * @throws the signal's reason when aborted
 */
export async function answer(model: QuestionAnsweringModel, question: Question, options?: AnswerOptions): Promise<Ranked<Answer>>;
export async function answer(
  model: QuestionAnsweringModel,
  questions: readonly Question[],
  options: AnswerOptions & ItemErrors,
): Promise<(Ranked<Answer> | undefined)[]>;
export async function answer(
  model: QuestionAnsweringModel,
  questions: readonly Question[],
  options?: AnswerOptions,
): Promise<Ranked<Answer>[]>;
export async function answer(
  model: QuestionAnsweringModel,
  questions: Question | readonly Question[],
  options?: AnswerOptions,
): Promise<Ranked<Answer> | Ranked<Answer>[]>;
export async function answer(
  model: QuestionAnsweringModel,
  questions: Question | readonly Question[],
  options: AnswerOptions & Partial<ItemErrors> = {},
): Promise<Ranked<Answer> | undefined | (Ranked<Answer> | undefined)[]> {
  checkModel("answer", model, ["forward", "tokenizer"], "BertForQuestionAnswering");
  checkOptions("answer", options, rules);
  const { topK = 1, maxAnswerLength = 15, allowNoAnswer = false, maxLength, stride, ...task } = options;
  const tokenizer = tokenizerOf(model, "answer");
  const list = listOf(questions);
  const size = Math.min(lengthLimit(model, tokenizer, maxLength), maxLength ?? 384);
  const shared = stride ?? Math.min(128, Math.floor(size / 2));
  const encode = async (one: Question): Promise<readonly Encoding[]> => {
    if (typeof one?.question !== "string" || typeof one.context !== "string")
      throw new ArgumentError("answer", "a question is { question, context }, both texts", `${shown(one)} came`);
    return tokenizer.encodeWindowsAsync(one.question, { pair: one.context, maxLength: size, stride: shared, signal: task.signal });
  };
  const encodings = await encodeEach(list, encode, task);
  const windows = list.flatMap((one, owner) => (encodings[owner] ?? []).map((encoding) => ({ encoding, context: one.context, owner })));

  const run = (batch: readonly (typeof windows)[number][]): Found[] => {
    using inputs = tokenizer.pad(batch.map(({ encoding }) => encoding));
    const logits = noGrad(() => {
      const given = model.forward(inputs); //                                 (B, N) both
      checkModel("answer", { ...given }, ["startLogits", "endLogits"], "BertForQuestionAnswering");
      return given;
    });
    using startLogits = logits.startLogits;
    using endLogits = logits.endLogits;
    const length = startLogits.shape[1] ?? 0;
    return batch.map(({ encoding, context }, i) => {
      const first = tokenizer.paddingSide === "left" ? length - encoding.ids.length : 0;
      const rows = [startLogits, endLogits].map(({ data }) => rowOf(data, i, length).subarray(first, first + encoding.ids.length));
      return answersIn(encoding, context, rows as [Float32Array, Float32Array], tokenizer.special.cls, { topK, maxAnswerLength });
    });
  };
  const found = await runByLength(model, windows, ({ encoding }) => encoding.ids.length, run, task);
  const results = byOwner(list.length, windows, found).map((own) => {
    if (own.length === 0) return undefined; // it couldn't be encoded
    const silent = Math.min(...own.map(({ none }) => none));
    const answers = merged(
      own.flatMap((window) => window.answers),
      Math.max,
    );
    const none = { text: "", begin: 0, end: 0, probability: silent };
    const all = allowNoAnswer || answers.length === 0 ? [...answers, none] : answers;
    return ranked("answer", all.sort((a, b) => b.probability - a.probability).slice(0, topK));
  });
  return Array.isArray(questions) ? results : results[0];
}

interface Found {
  readonly answers: readonly Answer[];
  /** Probability that the window doesn't say. */
  readonly none: number;
}

/** The best answers of one window, as whole words. */
function answersIn(
  { ids, offsets, sequenceIds, wordIds }: Encoding,
  context: string,
  [startLogits, endLogits]: readonly [Float32Array, Float32Array],
  cls: number | undefined,
  options: { readonly topK: number; readonly maxAnswerLength: number },
): Found {
  const inContext = sequenceIds.map((sequence) => sequence === 1);
  const none = cls === undefined ? -1 : ids.indexOf(cls);
  const topK = options.topK * 2 + 10; // some will turn out to be the same words
  const spans = bestSpans({ startLogits, endLogits, inContext, none, topK, maxAnswerLength: options.maxAnswerLength });
  const answers = spans.spans.map(({ start, end, probability }) => {
    const isPartOf = (word: number | null | undefined) => (other: number | null, i: number) => other === word && inContext[i] === true;
    const [begin] = offsets[wordIds.findIndex(isPartOf(wordIds[start]))] ?? [0];
    const [, stop] = offsets[wordIds.findLastIndex(isPartOf(wordIds[end]))] ?? [0, 0];
    return { text: context.slice(begin, stop), begin, end: stop, probability };
  });
  return { answers: merged(answers, (known, found) => known + found), none: spans.none };
}

/** Answers of the same words as one, at the first one's place. */
function merged(answers: readonly Answer[], join: (known: number, found: number) => number): Answer[] {
  const byText = new Map<string, Answer>();
  for (const found of answers) {
    const key = found.text.toLowerCase();
    const known = byText.get(key);
    byText.set(key, known ? { ...known, probability: join(known.probability, found.probability) } : found);
  }
  return [...byText.values()];
}
