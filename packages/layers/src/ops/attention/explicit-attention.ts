import { checkOptions } from "../../options.ts";
import { tensor } from "../../tensor/create.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { add, scaleAndShift } from "../elementwise/arithmetic.ts";
import { type AttentionOptions, attentionRules, crossAttentionRules } from "./attention.ts";
import { checkPacked, checkPackedKeyValue, checkQueryKeyValue, checkTerms } from "./attention-shapes.ts";
import { matmul } from "../matmul/matmul.ts";
import { permute } from "../shape/permute.ts";
import { reshape } from "../shape/reshape.ts";
import { slice } from "../shape/slice.ts";
import { softmax } from "../reduce/softmax.ts";

/** Attention written out, for when the probabilities are to be seen or dropped from. */
export interface ExplicitAttention {
  /** (B, Nq, D) */
  readonly output: Tensor;
  /** softmax(Q·Kᵀ·scale + bias + mask), before dropout: (B, heads, Nq, Nk) */
  readonly probabilities: Tensor;
}

/** What the probabilities go through before they meet the values. */
interface Dropping {
  forward(probabilities: Tensor): Tensor;
}

/** `selfAttention` written out: qkv (B, N, 3D). */
export function explicitSelfAttention(qkv: Tensor, options: AttentionOptions, dropout?: Dropping): ExplicitAttention {
  checkOptions("explicitSelfAttention", options, attentionRules);
  checkPacked("selfAttention", qkv, options.numHeads);
  const [batch = 0, length = 0, width = 0] = qkv.shape;
  const headSize = width / 3 / options.numHeads;
  const apart = permute(reshape(qkv, [batch, length, 3, options.numHeads, headSize]), [2, 0, 3, 1, 4]); // (3, B, h, N, d)
  const [query, key, value] = [0, 1, 2].map((i) => reshape(slice(apart, 0, i, i + 1), [batch, options.numHeads, length, headSize]));
  return attendExplicitly(query as Tensor, key as Tensor, value as Tensor, options, dropout);
}

/** `attention` written out: query (B, Nq, D), key and value (B, Nk, D). */
export function explicitAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: AttentionOptions,
  dropout?: Dropping,
): ExplicitAttention {
  checkOptions("explicitAttention", options, attentionRules);
  checkQueryKeyValue("attention", query, key, value, options.numHeads);
  const split = (x: Tensor): Tensor => {
    const [batch = 0, length = 0, width = 0] = x.shape;
    return permute(reshape(x, [batch, length, options.numHeads, width / options.numHeads]), [0, 2, 1, 3]); // (B, h, N, d)
  };
  return attendExplicitly(split(query), split(key), split(value), options, dropout);
}

/** `crossAttention` written out: query (B, Nq, D), keyValue (B, Nk, 2D). */
export function explicitCrossAttention(
  query: Tensor,
  keyValue: Tensor,
  given: AttentionOptions & { readonly keyCount?: number | undefined },
  dropout?: Dropping,
): ExplicitAttention {
  checkOptions("explicitCrossAttention", given, crossAttentionRules);
  const { keyCount, ...options } = given;
  checkPackedKeyValue("crossAttention", query, keyValue, options.numHeads, keyCount);
  const there = keyCount === undefined ? keyValue : slice(keyValue, 1, 0, keyCount);
  const width = query.shape[2] ?? 0;
  return explicitAttention(query, slice(there, 2, 0, width), slice(there, 2, width), options, dropout);
}

/** query, key, value (B, h, N, d) */
function attendExplicitly(query: Tensor, key: Tensor, value: Tensor, options: AttentionOptions, dropout?: Dropping): ExplicitAttention {
  const [batch = 0, heads = 0, queries = 0, headSize = 0] = query.shape;
  const keys = key.shape[2] ?? 0;
  checkTerms(options, [batch, heads, queries, keys]);
  let scores = scaleAndShift(matmul(query, key, { transposeB: true }), options.scale ?? headSize ** -0.5, 0); // (B, h, Nq, Nk)
  if (options.bias) scores = add(scores, options.bias);
  if (options.mask) scores = addMask(scores, options.mask);
  if (options.causal) scores = add(scores, causalMask(queries, keys));
  const probabilities = softmax(scores);
  const dropped = dropout ? dropout.forward(probabilities) : probabilities;
  const output = permute(matmul(dropped, value), [0, 2, 1, 3]); // (B, Nq, h, d)
  return { output: reshape(output, [batch, queries, heads * headSize]), probabilities };
}

/** mask (M, 1 or Nq, Nk), sample b taking mask b mod M. */
function addMask(scores: Tensor, mask: Tensor): Tensor {
  const [batch = 0, heads = 0, queries = 0, keys = 0] = scores.shape;
  const [masks = 0, rows = 0] = mask.shape;
  const grouped = reshape(scores, [batch / masks, masks, heads, queries, keys]);
  return reshape(add(grouped, reshape(mask, [masks, 1, rows, keys])), scores.shape);
}

/** 0 where query i may see key j: the last query sees all keys, the ones before it one less each; −∞ elsewhere. */
function causalMask(queries: number, keys: number): Tensor {
  const offset = keys - queries;
  const mask = Float32Array.from({ length: queries * keys }, (_, at) => (at % keys <= Math.floor(at / keys) + offset ? 0 : -Infinity));
  return tensor(mask, [queries, keys]);
}
