import type { Drawing } from "./drawing.ts";
import type { Tensor } from "@x/layers";
import type { TextInput } from "../text-encoder/text-input.ts";

/**
 * R sequences that a model is writing, token by token. All that it has to remember of them is in here: call `step` for each token, `select` when
 * sequences change places or leave, and dispose of it in the end.
 */
export interface Decoding extends Disposable {
  /** The next token of every sequence (R) → logits of the one after it (R, V). */
  step(tokens: Tensor<"int32">): Tensor;
  /** Sequence i becomes what sequence rows[i] was. Sequences that share an input stay together: all of them leave, or none. */
  select(rows: readonly number[]): void;
}

/** What generation needs of a model: Transformer, Marian. */
export interface SequenceToSequence {
  readonly config: {
    readonly decoderStartTokenId: number;
    readonly eosTokenId: number;
    readonly maxPositionEmbeddings: number;
  };
  /** What is done where a call says nothing. */
  readonly generation: GenerationDefaults;
  /** Begins to write `sequencesPerInput` sequences (default 1) for each of B inputs; those of an input stand in a row. */
  startDecoding(text: TextInput, sequencesPerInput?: number): Decoding;
}

/** What a model's files may say about generation; Hugging Face's `generation_config.json` in camelCase. */
export interface GenerationDefaults {
  /** Most tokens, the start token included. Default, and never more than: the model's `maxPositionEmbeddings`. */
  readonly maxLength?: number | undefined;
  /** Sequences that are followed at the same time, at most 256. Default 1: greedy. */
  readonly numBeams?: number | undefined;
  /** A finished beam's score is its log-probability / length^lengthPenalty, so above 0 longer ones gain. From −100 to 100; default 1. */
  readonly lengthPenalty?: number | undefined;
  /** When beam search ends: `true` once `numBeams` are finished, `false` once it is unlikely, "never" once it is impossible that a better one follows. Default false. */
  readonly earlyStopping?: boolean | "never" | undefined;
  /** Tokens, or rows of tokens, that may not be written. Default none. */
  readonly badWordsIds?: readonly (readonly number[])[] | undefined;
  /** The only token that may be written first, a language's; null lets any. Default: any may. */
  readonly forcedBosTokenId?: number | null | undefined;
  /** The only token that may stand at place `maxLength`; null lets any. Default: any may. */
  readonly forcedEosTokenId?: number | null | undefined;
  /** The token that ends a sequence, or several of which any does. Default: the model's config's. */
  readonly eosTokenId?: number | readonly number[] | undefined;
  /** Least tokens, the start token included: before, a sequence can't end. Default 0; `minNewTokens` goes before it. */
  readonly minLength?: number | undefined;
  /** Least tokens without the start token. Default 0. */
  readonly minNewTokens?: number | undefined;
  /** Tokens that were written already become less likely: above 1 their logits (of beams their log-probabilities) are divided by it where above 0, else multiplied. Keskar et al. 2019, §4.1. Default 1. */
  readonly repetitionPenalty?: number | undefined;
  /** No row of so many tokens is written twice. Paulus et al. 2017, §2.5. Default 0: any may be. */
  readonly noRepeatNgramSize?: number | undefined;
  /** Tokens that may never be written. Default none. */
  readonly suppressTokens?: readonly number[] | undefined;
  /** Tokens that may not be written first; where the first is forced, not second. Default none. */
  readonly beginSuppressTokens?: readonly number[] | undefined;
  /** The token that begins one. Default: the model's config's. */
  readonly decoderStartTokenId?: number | undefined;
  /** Whether tokens are to be drawn: then a call says from what, `sampling`, or `doSample: false`. Default false. */
  readonly doSample?: boolean | undefined;
  /** How tokens are drawn where a call draws, and `sampling` doesn't say. Default: by their probabilities. */
  readonly drawing?: Drawing | undefined;
  /** Whether probabilities are made to sum to 1 again after tokens were forbidden. Default false. */
  readonly renormalizeLogits?: boolean | undefined;
}
