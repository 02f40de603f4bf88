import type { Tensor } from "../tensor/tensor.ts";
import { explicitAttention, explicitSelfAttention } from "./explicit-attention.ts";

export interface AttentionOptions {
  readonly numHeads: number;
  /** Multiplies the scores. Default 1 / √headSize. */
  readonly scale?: number;
  /** Added to the scores: (heads, Nq, Nk), Swin's relative position bias. */
  readonly bias?: Tensor;
  /** Added to the scores: (M, 1 or Nq, Nk), sample b taking mask b mod M; −∞ forbids. It gets no gradient. */
  readonly mask?: Tensor;
  /** The last query sees all keys, the ones before it one less each. */
  readonly causal?: boolean;
  /** Self-attention within windows: the tokens of each, (nW, M²); each token stands in one window. */
  readonly windows?: Tensor<"int32">;
}

export function selfAttention(qkv: Tensor, options: AttentionOptions): Tensor {
  return explicitSelfAttention(qkv, options).output;
}

export function attention(query: Tensor, key: Tensor, value: Tensor, options: AttentionOptions): Tensor {
  return explicitAttention(query, key, value, options).output;
}
