import { crossAttention } from "../ops/attention/attention.ts";
import { explicitCrossAttention } from "../ops/attention/explicit-attention.ts";
import { reshape } from "../ops/shape/reshape.ts";
import { anRng, aTensor, belowOne, checkOptions, needed, type RulesOf, wholeFrom } from "../options.ts";
import type { Rng } from "../random.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { AttentionContext } from "./attention-context.ts";
import { Dropout } from "./dropout.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { checkHeads } from "./self-attention.ts";
import { traceRules } from "./trace.ts";

export interface CrossAttentionOptions {
  readonly hiddenSize: number;
  readonly numHeads: number;
  /** Dropout on the attention probabilities. Default 0. */
  readonly attentionDropout?: number | undefined;
  /** Dropout on the output. Default 0. */
  readonly dropout?: number | undefined;
  /** What dropout draws from; needed when one isn't 0. */
  readonly rng?: Rng | undefined;
}

const rules: RulesOf<CrossAttentionOptions> = {
  hiddenSize: needed(wholeFrom(1)),
  numHeads: needed(wholeFrom(1)),
  attentionDropout: belowOne,
  dropout: belowOne,
  rng: anRng,
};

const contextRules: RulesOf<Pick<AttentionContext, "mask" | "trace">> = { mask: aTensor, ...traceRules };

/**
 * Multi-head attention from one sequence to another: queries from x, keys and values from a memory, such as an encoder's output.
 * Vaswani et al. 2017, §3.2.3. Keys and values are one matrix, `keyValue`, of 2·D rows, applied to a memory once however often it is looked at.
 */
export class CrossAttention extends Module {
  readonly query: Linear;
  readonly keyValue: Linear;
  readonly proj: Linear;
  readonly attentionDropout: Dropout;
  readonly dropout: Dropout;
  readonly numHeads: number;

  /** @throws ArgumentError when the heads don't divide the width, or dropout isn't 0 and there is no rng */
  constructor(options: CrossAttentionOptions) {
    super();
    checkOptions("CrossAttention", options, rules);
    const { hiddenSize, numHeads, attentionDropout = 0, dropout = 0, rng } = options;
    checkHeads("CrossAttention", hiddenSize, numHeads);
    this.query = new Linear(hiddenSize, hiddenSize);
    this.keyValue = new Linear(hiddenSize, 2 * hiddenSize);
    this.proj = new Linear(hiddenSize, hiddenSize);
    this.attentionDropout = new Dropout(attentionDropout, rng);
    this.dropout = new Dropout(dropout, rng);
    this.numHeads = numHeads;
  }

  /** What is looked at, from memory (B, Nk, D): keys and values side by side (B, Nk, 2D). */
  remember(memory: Tensor): Tensor {
    return this.keyValue.forward(memory);
  }

  /**
   * x (k·B, Nq, D), remembered (B, Nk, 2D) → (k·B, Nq, D). Of x, k samples in a row (a sentence's beams) look at the same memory.
   * `context.mask` is (1 or a divisor of B, 1, Nk).
   */
  forward(x: Tensor, remembered: Tensor, context: Pick<AttentionContext, "mask" | "trace"> = {}): Tensor {
    checkOptions("CrossAttention", context, contextRules);
    const { mask, trace } = context;
    const [batch = 0, , width = 0] = x.shape;
    const memories = remembered.shape[0] ?? 0;
    const query = reshape(this.query.forward(x), [memories, -1, width]); // (B, k·Nq, D)
    const options = { numHeads: this.numHeads, ...(mask && { mask }) };
    const attend = (): Tensor => {
      if (!trace?.wantsAttentions && !this.attentionDropout.isActiveOn(query)) return crossAttention(query, remembered, options);
      const { output, probabilities } = explicitCrossAttention(query, remembered, options, this.attentionDropout);
      trace?.addAttention(probabilities);
      return output;
    };
    const attended = reshape(attend(), [batch, -1, width]); //              (k·B, Nq, D)
    return this.dropout.forward(this.proj.forward(attended));
  }
}
