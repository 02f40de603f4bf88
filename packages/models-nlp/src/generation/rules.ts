import { logSoftmax, type Tensor, TensorError } from "@x/layers";
import type { GenerationDefaults } from "./decoding.ts";

/** Which tokens may come next. */
export interface Rules extends Pick<GenerationDefaults, "badWordsIds" | "forcedEosTokenId" | "renormalizeLogits"> {
  readonly eosTokenId: number;
  readonly maxLength: number;
}

/**
 * Forbids what may not follow the sequences so far (R of them, of equal length, the start token included), in place: logProbs (R, V) → the same, or
 * renormalised.
 * @throws TensorError when the logits are NaN, one of which makes all log-probabilities of its row NaN
 */
export function applyRules(logProbs: Tensor, sequences: readonly (readonly number[])[], rules: Rules): Tensor {
  const { badWordsIds = [], forcedEosTokenId = null, renormalizeLogits = false, eosTokenId, maxLength } = rules;
  const values = logProbs.data;
  const vocabSize = logProbs.shape[1] ?? 0;
  if (forcedEosTokenId !== null && !(forcedEosTokenId < vocabSize)) {
    throw new TensorError(`generate: forcedEosTokenId is ${forcedEosTokenId}, but there are ${vocabSize} tokens`);
  }
  for (const [row, tokens] of sequences.entries()) {
    const scores = values.subarray(row * vocabSize, (row + 1) * vocabSize);
    if (Number.isNaN(scores[0]))
      throw new TensorError("generate: the model's logits are no numbers (NaN): its weights are damaged, or its config isn't theirs");
    for (const word of badWordsIds) {
      const last = word.at(-1);
      const isEnd = word.length === 1 && last === eosTokenId;
      if (last !== undefined && !isEnd && endsWith(tokens, word.slice(0, -1))) scores[last] = -Infinity;
    }
    if (forcedEosTokenId !== null && tokens.length === maxLength - 1) {
      scores.fill(-Infinity);
      scores[forcedEosTokenId] = 0;
    }
  }
  return renormalizeLogits ? logSoftmax(logProbs) : logProbs;
}

const endsWith = (tokens: readonly number[], end: readonly number[]): boolean =>
  end.length <= tokens.length && end.every((token, i) => tokens[tokens.length - end.length + i] === token);
