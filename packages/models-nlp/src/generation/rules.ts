import { logSoftmax, type Tensor, TensorError } from "@x/layers";
import type { GenerationDefaults } from "./decoding.ts";

/** A last word on the scores (V) of what may follow the tokens, in place. */
export type Adjust = (scores: Float32Array, tokens: readonly number[]) => void;

/** Which tokens may come next. */
export interface Rules extends Omit<
  GenerationDefaults,
  "maxLength" | "numBeams" | "lengthPenalty" | "earlyStopping" | "eosTokenId" | "decoderStartTokenId" | "doSample" | "drawing"
> {
  /** Any of them ends a sequence. */
  readonly ends: readonly number[];
  readonly maxLength: number;
  /** A last word on each row of scores, in place: (V) of what may follow the tokens. */
  readonly adjust?: Adjust | undefined;
}

/**
 * Forbids what may not follow the sequences so far (R of them, of equal length, the start token included), in place: logProbs (R, V) → the same, or
 * renormalised. In the order of Hugging Face's library.
 * @throws TensorError when the logits are NaN, one of which makes all log-probabilities of its row NaN
 */
export function applyRules(logProbs: Tensor, sequences: readonly (readonly number[])[], rules: Rules): Tensor {
  checkTokens(rules, logProbs.shape[1] ?? 0);
  for (const { scores, tokens } of rowsOf(logProbs, sequences)) {
    if (Number.isNaN(scores[0]))
      throw new TensorError("generate: the model's logits are no numbers (NaN): its weights are damaged, or its config isn't theirs");
    for (const token of forbidden(tokens, rules)) scores[token] = -Infinity;
    const only = forced(tokens, rules);
    if (only !== undefined) scores.fill(-Infinity)[only] = 0;
    for (const token of rules.suppressTokens ?? []) scores[token] = -Infinity;
    if (tokens.length === (rules.forcedBosTokenId == null ? 1 : 2))
      for (const token of rules.beginSuppressTokens ?? []) scores[token] = -Infinity;
    rules.adjust?.(scores, tokens);
  }
  return rules.renormalizeLogits === true ? logSoftmax(logProbs) : logProbs;
}

/** Makes tokens less likely that the sequences have already, in place: scores (R, V), logits or log-probabilities. Keskar et al. 2019, §4.1. */
export function penalize(scores: Tensor, sequences: readonly (readonly number[])[], { repetitionPenalty = 1 }: Rules): Tensor {
  if (repetitionPenalty === 1) return scores;
  for (const { scores: row, tokens } of rowsOf(scores, sequences)) {
    for (const token of new Set(tokens)) {
      const score = row[token] ?? 0;
      row[token] = score < 0 ? score * repetitionPenalty : score / repetitionPenalty;
    }
  }
  return scores;
}

function* rowsOf(
  scores: Tensor,
  sequences: readonly (readonly number[])[],
): Generator<{ scores: Float32Array; tokens: readonly number[] }> {
  const { data } = scores;
  const vocabSize = scores.shape[1] ?? 0;
  for (const [row, tokens] of sequences.entries()) yield { scores: data.subarray(row * vocabSize, (row + 1) * vocabSize), tokens };
}

/** Tokens that would repeat a row of them, end a forbidden one, or end the text too early. */
function forbidden(tokens: readonly number[], rules: Rules): number[] {
  const { badWordsIds = [], noRepeatNgramSize: size = 0, minLength = 0, minNewTokens, ends } = rules;
  const words = badWordsIds.flatMap((word) => {
    const last = word.at(-1);
    const isEnd = word.length === 1 && last !== undefined && ends.includes(last);
    return last !== undefined && !isEnd && endsWith(tokens, word.slice(0, -1)) ? [last] : [];
  });
  const isShort = tokens.length < (minNewTokens === undefined ? minLength : minNewTokens + 1);
  return [...repeating(tokens, size), ...words, ...(isShort ? ends : [])];
}

/** What followed, wherever the last `size` − 1 tokens stood before. */
function repeating(tokens: readonly number[], size: number): number[] {
  if (size === 0 || tokens.length + 1 < size) return [];
  const begin = tokens.slice(tokens.length - size + 1);
  return tokens.flatMap((token, i) => (i >= size - 1 && endsWith(tokens.slice(0, i), begin) ? [token] : []));
}

/** The only token that may follow, where there is one. */
function forced(tokens: readonly number[], { forcedBosTokenId, forcedEosTokenId, maxLength }: Rules): number | undefined {
  if (forcedEosTokenId != null && tokens.length === maxLength - 1) return forcedEosTokenId;
  return forcedBosTokenId != null && tokens.length === 1 ? forcedBosTokenId : undefined;
}

/** @throws TensorError when a forced token isn't in the vocabulary */
function checkTokens({ forcedBosTokenId, forcedEosTokenId }: Rules, vocabSize: number): void {
  for (const [name, id] of Object.entries({ forcedBosTokenId, forcedEosTokenId })) {
    if (id != null && !(id < vocabSize)) throw new TensorError(`generate: ${name} is ${id}, but there are ${vocabSize} tokens`);
  }
}

const endsWith = (tokens: readonly number[], end: readonly number[]): boolean =>
  end.length <= tokens.length && end.every((token, i) => tokens[tokens.length - end.length + i] === token);
