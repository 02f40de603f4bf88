import { intTensor, type Rng, type Tensor, TensorError } from "@x/layers";
import { allOrNothing, checkOptions, needed, type RulesOf, wholeFrom } from "@x/layers/model";
import type { TextInput } from "../text-encoder/text-input.ts";
import { type MaskingOptions, maskingRules, maskTokens } from "./mask-tokens.ts";
import type { SentencePair } from "./sentence-pairs.ts";

/** B pairs of at most N tokens, some of them masked. */
export interface PreTrainingBatch {
  readonly text: Required<TextInput>;
  /** (B, N): the id that stood there before, where it is to be predicted; −100 elsewhere. */
  readonly wordLabels: Tensor<"int32">;
  /** (B): 0 where the second text follows the first, 1 where it is a random one. */
  readonly nextSentenceLabels: Tensor<"int32">;
}

export interface PreTrainingBatchOptions extends MaskingOptions {
  readonly padId: number;
  /** N; shorter pairs are padded. Default: the longest pair's. */
  readonly length?: number | undefined;
}

const rules: RulesOf<PreTrainingBatchOptions> = { ...maskingRules, padId: needed(wholeFrom(0)), length: wholeFrom(1) };

/**
 * Masks pairs, anew at every call, and pads them to one length. Words are masked whole where the pairs have `wordIds`. The scope around frees the
 * tensors.
 * @throws TensorError when there is no pair, or one is longer than `length`
 */
export function preTrainingBatch(
  pairs: readonly (Omit<SentencePair, "wordIds"> & Partial<Pick<SentencePair, "wordIds">>)[],
  options: PreTrainingBatchOptions,
  rng: Rng,
): PreTrainingBatch {
  checkOptions("preTrainingBatch", options, rules);
  const { padId, length = longestOf(pairs), ...masking } = options;
  const longest = longestOf(pairs);
  if (longest > length) throw new TensorError(`preTrainingBatch: a pair is ${longest} tokens long, more than ${length}`);
  const masked = pairs.map(({ ids, wordIds }) => maskTokens(ids, masking, rng, wordIds));
  const matrix = (rows: readonly (readonly number[])[], filler: number): Tensor<"int32"> => {
    const filled = new Int32Array(rows.length * length).fill(filler);
    for (const [row, values] of rows.entries()) filled.set(values, row * length);
    return intTensor(filled, [rows.length, length]);
  };
  return allOrNothing(() => ({
    text: {
      inputIds: matrix(
        masked.map(({ ids }) => ids),
        padId,
      ),
      attentionMask: matrix(
        masked.map(({ ids }) => ids.map(() => 1)),
        0,
      ),
      tokenTypeIds: matrix(
        pairs.map(({ typeIds }) => typeIds),
        0,
      ),
    },
    wordLabels: matrix(
      masked.map(({ labels }) => labels),
      -100,
    ),
    nextSentenceLabels: intTensor(pairs.map(({ nextSentence }) => nextSentence)),
  }));
}

function longestOf(pairs: readonly Pick<SentencePair, "ids">[]): number {
  if (pairs.length === 0) throw new TensorError("preTrainingBatch: there must be at least one pair");
  return pairs.reduce((most, { ids }) => Math.max(most, ids.length), 0);
}
