import { aFlag, aTensor, type RulesOf, shaped } from "../options.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { KeyValueCache } from "./key-value-cache.ts";
import { type Trace, traceRules } from "./trace.ts";

/** What a forward pass hands to every attention layer. */
export interface AttentionContext {
  /** Added to the scores before softmax: (1 or a divisor of B, 1 or Nq, Nk), sample b taking mask b mod M; −∞ forbids. */
  readonly mask?: Tensor | undefined;
  /** Added to the scores before softmax, the same for every sample: (heads, Nq, Nk). It gets a gradient. */
  readonly bias?: Tensor | undefined;
  /** Query i sees keys up to i only. */
  readonly causal?: boolean | undefined;
  /** Keys and values of the tokens before x, which x's are added to; each layer has its own. Only without gradients. */
  readonly cache?: KeyValueCache | undefined;
  /** Collects the attention probabilities of every layer. */
  readonly trace?: Trace | undefined;
}

export const attentionContextRules: RulesOf<AttentionContext> = {
  mask: aTensor,
  bias: aTensor,
  causal: aFlag,
  cache: shaped("a KeyValueCache", "append", "select"),
  ...traceRules,
};
