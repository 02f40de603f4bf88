import { ArgumentError } from "../errors.ts";
import { crossAttention, selfAttention } from "../ops/attention/attention.ts";
import { explicitCrossAttention, explicitSelfAttention } from "../ops/attention/explicit-attention.ts";
import { slice } from "../ops/shape/slice.ts";
import { aFlag, anRng, belowOne, checkOptions, needed, type RulesOf, wholeFrom } from "../options.ts";
import type { Rng } from "../random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type AttentionContext, attentionContextRules } from "./attention-context.ts";
import { Dropout } from "./dropout.ts";
import type { KeyValueCache } from "./key-value-cache.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";

export interface SelfAttentionOptions {
  readonly hiddenSize: number;
  readonly numHeads: number;
  /** Whether query, key and value have biases. Default true. */
  readonly qkvBias?: boolean | undefined;
  /** Dropout on the attention probabilities. Default 0. */
  readonly attentionDropout?: number | undefined;
  /** Dropout on the output. Default 0. */
  readonly dropout?: number | undefined;
  /** What dropout draws from; needed when one isn't 0. */
  readonly rng?: Rng | undefined;
}

const rules: RulesOf<SelfAttentionOptions> = {
  hiddenSize: needed(wholeFrom(1)),
  numHeads: needed(wholeFrom(1)),
  qkvBias: aFlag,
  attentionDropout: belowOne,
  dropout: belowOne,
  rng: anRng,
};

/**
 * Multi-head self-attention: softmax(Q·Kᵀ / √d)·V in each head, then a projection. Vaswani et al. 2017, §3.2.2.
 * Query, key and value are one matrix, `qkv`, of 3·D rows.
 */
export class SelfAttention extends Module {
  readonly qkv: Linear;
  readonly proj: Linear;
  readonly attentionDropout: Dropout;
  readonly dropout: Dropout;
  readonly numHeads: number;

  /** @throws ArgumentError when the heads don't divide the width, or dropout isn't 0 and there is no rng */
  constructor(options: SelfAttentionOptions) {
    super();
    checkOptions("SelfAttention", options, rules);
    const { hiddenSize, numHeads, qkvBias = true, attentionDropout = 0, dropout = 0, rng } = options;
    checkHeads("SelfAttention", hiddenSize, numHeads);
    this.qkv = new Linear(hiddenSize, 3 * hiddenSize, { bias: qkvBias });
    this.proj = new Linear(hiddenSize, hiddenSize);
    this.attentionDropout = new Dropout(attentionDropout, rng);
    this.dropout = new Dropout(dropout, rng);
    this.numHeads = numHeads;
  }

  /** x (B, N, D) → (B, N, D) */
  forward(x: Tensor, context: AttentionContext = {}): Tensor {
    checkOptions("SelfAttention", context, attentionContextRules);
    const qkv = this.qkv.forward(x); // (B, N, 3D)
    return this.dropout.forward(this.proj.forward(this.#attend(qkv, context)));
  }

  /** Fused, unless somebody wants the probabilities: to look at or to drop some. */
  #attend(qkv: Tensor, { trace, cache, ...options }: AttentionContext): Tensor {
    if (cache) return this.#attendToCache(qkv, cache, { trace, ...options });
    if (!trace?.wantsAttentions && !this.attentionDropout.isActiveOn(qkv))
      return selfAttention(qkv, { numHeads: this.numHeads, ...options });
    const { output, probabilities } = explicitSelfAttention(qkv, { numHeads: this.numHeads, ...options }, this.attentionDropout);
    trace?.addAttention(probabilities);
    return output;
  }

  /** The tokens of qkv (B, n, 3D) look at those before them, too. */
  #attendToCache(qkv: Tensor, cache: KeyValueCache, { trace, ...given }: Omit<AttentionContext, "cache">): Tensor {
    const keyValue = cache.append(qkv); //                     (B, room, 2D)
    const query = slice(qkv, 2, 0, (qkv.shape[2] ?? 0) / 3); // (B, n, D)
    const options = { numHeads: this.numHeads, keyCount: cache.length, ...given };
    if (!trace?.wantsAttentions) return crossAttention(query, keyValue, options);
    const { output, probabilities } = explicitCrossAttention(query, keyValue, options);
    trace.addAttention(probabilities);
    return output;
  }
}

/** @throws ArgumentError when the heads don't divide the width */
export function checkHeads(op: string, hiddenSize: number, numHeads: number): void {
  if (!Number.isInteger(numHeads) || numHeads < 1 || hiddenSize % numHeads !== 0) {
    throw new ArgumentError(op, "numHeads must divide hiddenSize", `${numHeads} does not divide ${hiddenSize}`);
  }
}
