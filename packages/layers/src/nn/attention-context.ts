import type { Tensor } from "../tensor/tensor.ts";

/** What a forward pass hands to every attention layer. */
export interface AttentionContext {
  /** Added to the scores before softmax: (batch or 1, 1 or Nq, Nk); −∞ forbids. */
  readonly mask?: Tensor;
  /** Query i sees keys up to i only. */
  readonly causal?: boolean;
  /** Every layer appends its attention probabilities (B, heads, Nq, Nk) here. */
  readonly attentions?: Tensor[];
}
