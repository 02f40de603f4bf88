import { add, ArgumentError, crossEntropy, intTensor, scaleAndShift, type Tensor } from "@x/layers";
import { checkOptions, type RulesOf, wholeFrom } from "@x/layers/model";
import { answerScores } from "../metrics/spans.ts";
import { rowsOf } from "./classes.ts";
import type { Learned, Objective, Scores } from "./objective.ts";
import { type TextIds, type TextModel, type TextOptions, textRules, type TextTensors, tokenizerOf } from "./text.ts";

/** A question's text, then as much of the context as fits, with each token's place. */
interface Window extends TextIds {
  readonly offsets: readonly (readonly [begin: number, end: number])[];
  readonly sequenceIds: readonly (0 | 1 | null)[];
}

/** What is needed of a model: BertForQuestionAnswering… */
export interface QuestionAnsweringModel extends TextModel {
  readonly tokenizer:
    | (NonNullable<TextModel["tokenizer"]> & {
        encodeWindows(
          text: string,
          options: { readonly pair: string; readonly stride: number; readonly maxLength: number },
        ): readonly TextIds[];
      })
    | undefined;
  /** question and context (B, N) → logits of the answer's first and last token, both (B, N) */
  forward(text: TextTensors): { readonly startLogits: Tensor; readonly endLogits: Tensor };
}

export interface AnsweredQuestion {
  readonly question: string;
  readonly context: string;
  /** What the context says, and where it says so, in UTF-16 units; without it the context doesn't say. */
  readonly answer?: { readonly text: string; readonly start: number } | undefined;
}

export interface QuestionBatch {
  /** One or more windows of each example's context. */
  readonly text: TextTensors;
  /** (windows): the answer's first and last token; the first token where it stands in another window */
  readonly starts: Tensor<"int32">;
  readonly ends: Tensor<"int32">;
  readonly windows: readonly Window[];
  /** Whose each window is. */
  readonly owners: readonly AnsweredQuestion[];
}

export interface QuestionOutcome extends Learned {
  readonly startLogits: Tensor;
  readonly endLogits: Tensor;
}

export interface QuestionAnsweringOptions extends TextOptions {
  /** Tokens that neighbouring windows of a long context share. Default a third of the longest text. */
  readonly stride?: number | undefined;
}

const rules: RulesOf<QuestionAnsweringOptions> = { ...textRules, stride: wholeFrom(0) };

/**
 * Answers in a text: its first and last token. Devlin et al. 2019, §4.2. A context that is too long comes in several windows, of which all are learned from. Scores: SQuAD's
 * exactMatch and f1, in a hundred; where examples have no answer, none is taken where the first token is likelier than any span (§4.3).
 * @throws ArgumentError when the model has no tokenizer, or an answer doesn't stand where it says
 */
export function questionAnswering(
  model: QuestionAnsweringModel,
  options: QuestionAnsweringOptions = {},
): Objective<AnsweredQuestion, QuestionBatch, QuestionOutcome> {
  const where = "questionAnswering";
  checkOptions(where, options, rules);
  const { maxLength, stride } = options;
  const tokenizer = tokenizerOf(where, model) as NonNullable<QuestionAnsweringModel["tokenizer"]>;
  const most = Math.min(maxLength ?? tokenizer.maxLength ?? Infinity, model.config.maxPositionEmbeddings ?? Infinity);
  const shared = stride ?? (most === Infinity ? 0 : Math.floor(most / 3));
  return {
    model,
    lengthOf: ({ question, context }) => question.length + context.length,
    collate(examples) {
      const found = examples.flatMap((owner) => {
        check(where, owner);
        const cut = tokenizer.encodeWindows(owner.question, { pair: owner.context, stride: shared, maxLength: most }) as readonly Window[];
        return cut.map((window) => ({ owner, window, place: placeOf(window, owner) }));
      });
      const text = tokenizer.pad(found.map(({ window }) => window));
      const begins = beginnings(text);
      return {
        text,
        starts: intTensor(found.map(({ place }, i) => (begins[i] ?? 0) + place[0])),
        ends: intTensor(found.map(({ place }, i) => (begins[i] ?? 0) + place[1])),
        windows: found.map(({ window }) => window),
        owners: found.map(({ owner }) => owner),
      };
    },
    loss({ text, starts, ends }) {
      const { startLogits, endLogits } = model.forward(text); // (B, N)
      const loss = scaleAndShift(add(crossEntropy(startLogits, starts), crossEntropy(endLogits, ends)), 0.5, 0);
      return { loss, startLogits, endLogits };
    },
    weightOf: ({ windows }) => windows.length,
    scores: answers,
  };
}

function check(where: string, { context, answer }: AnsweredQuestion): void {
  if (!answer || context.startsWith(answer.text, answer.start)) return;
  const found = context.slice(answer.start, answer.start + answer.text.length);
  throw new ArgumentError(where, `an answer stands where it says: "${answer.text}" at ${answer.start}`, `there is "${found}"`);
}

/** The answer's first and last token in this window; [CLS], token 0, where it isn't whole in it. */
function placeOf({ offsets, sequenceIds }: Window, { answer }: AnsweredQuestion): readonly [first: number, last: number] {
  if (!answer) return [0, 0];
  const [begin, end] = [answer.start, answer.start + answer.text.length];
  const inside = offsets.map(([from, to], token) => sequenceIds[token] === 1 && from < end && to > begin);
  const [first, last] = [inside.indexOf(true), inside.lastIndexOf(true)];
  const isWhole = first >= 0 && (offsets[first]?.[0] ?? 0) <= begin && (offsets[last]?.[1] ?? 0) >= end;
  return isWhole ? [first, last] : [0, 0];
}

/** Where each text begins behind padding. */
const beginnings = ({ attentionMask }: TextTensors): number[] => {
  const [rows = 0, length = 0] = attentionMask.shape;
  const mask = attentionMask.toTypedArray();
  return Array.from({ length: rows }, (_, row) => Math.max(0, mask.subarray(row * length, (row + 1) * length).indexOf(1)));
};

/** Most tokens of an answer. */
const LONGEST = 30;

function answers(): Scores<QuestionBatch, QuestionOutcome> {
  const best = new Map<AnsweredQuestion, { score: number; text: string; none: number }>();
  return {
    add({ startLogits, endLogits }, { text, windows, owners }) {
      const [starts, ends, begins] = [rowsOf(startLogits), rowsOf(endLogits), beginnings(text)];
      for (const [i, { offsets, sequenceIds }] of windows.entries()) {
        const owner = owners[i] as AnsweredQuestion;
        const from = (row: Float32Array | undefined, token: number): number => row?.[(begins[i] ?? 0) + token] ?? -Infinity;
        const known = best.get(owner) ?? { score: -Infinity, text: "", none: Infinity };
        known.none = Math.min(known.none, from(starts[i], 0) + from(ends[i], 0));
        for (const first of offsets.keys()) {
          for (let last = first; last < Math.min(offsets.length, first + LONGEST); last++) {
            const score = from(starts[i], first) + from(ends[i], last);
            if (sequenceIds[first] !== 1 || sequenceIds[last] !== 1 || score <= known.score) continue;
            known.score = score;
            known.text = owner.context.slice(offsets[first]?.[0], offsets[last]?.[1]);
          }
        }
        best.set(owner, known);
      }
    },
    result() {
      const mayBeNone = [...best.keys()].some(({ answer }) => !answer);
      const found = [...best.values()].map(({ score, text, none }) => (mayBeNone && none > score ? "" : text));
      return {
        ...answerScores(
          found,
          [...best.keys()].map(({ answer }) => (answer ? [answer.text] : [])),
        ),
      };
    },
  };
}
