import { currentScope, moveTo, type ScopeHandle } from "../tensor/scope.ts";
import { aFlag, checkOptions, type RulesOf, shaped } from "../options.ts";
import type { Tensor } from "../tensor/tensor.ts";

const rules: RulesOf<NonNullable<ConstructorParameters<typeof Trace>[0]>> = { attentions: aFlag, hiddenStates: aFlag };

/**
 * What a forward pass leaves to look at. Make one, hand it to `forward`, read it afterwards; its tensors belong to the scope that it was made in.
 * Attention probabilities cost the fused kernel, so ask for them only where they are wanted.
 */
export class Trace {
  /** Every layer's attention probabilities (B, heads, Nq, Nk), first layer first. */
  readonly attentions: Tensor[] = [];
  /** The embeddings, then every layer's output (B, N, D). */
  readonly hiddenStates: Tensor[] = [];
  readonly wantsAttentions: boolean;
  readonly wantsHiddenStates: boolean;
  readonly #home: ScopeHandle | undefined = currentScope();

  /** Default: both. */
  constructor(options: { readonly attentions?: boolean | undefined; readonly hiddenStates?: boolean | undefined } = {}) {
    checkOptions("Trace", options, rules);
    this.wantsAttentions = options.attentions ?? true;
    this.wantsHiddenStates = options.hiddenStates ?? true;
  }

  /** @internal */
  addAttention(probabilities: Tensor): void {
    if (this.wantsAttentions) this.attentions.push(moveTo(probabilities, this.#home));
  }

  /** @internal */
  addHiddenState(tokens: Tensor): void {
    if (this.wantsHiddenStates) this.hiddenStates.push(moveTo(tokens.view(tokens.shape), this.#home));
  }
}

/** What every model's `forward` and `encode` take. */
export interface TraceOptions {
  /** Filled on the way. Default: none. */
  readonly trace?: Trace | undefined;
}

export const traceRules: RulesOf<TraceOptions> = { trace: shaped("a Trace", "attentions", "hiddenStates") };
