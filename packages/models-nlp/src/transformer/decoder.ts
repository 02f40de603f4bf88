import {
  activationOf,
  type AttentionContext,
  CrossAttention,
  FeedForward,
  type KeyValueCache,
  LayerNorm,
  Module,
  type Rng,
  SelfAttention,
  type Tensor,
} from "@x/layers";
import { aTensor, checkOptions, many, type RulesOf, shaped, traceRules } from "@x/layers/model";
import type { TransformerConfig } from "./config.ts";
import { type DecoderBlock, PostNormDecoderBlock, PreNormDecoderBlock } from "./decoder-block.ts";

/** What the decoder sees beside the targets. `mask` is the targets' own. */
export interface DecoderContext extends Pick<AttentionContext, "mask" | "trace"> {
  /** Added to the scores of the memory: (1 or B, 1, N); −∞ forbids. */
  readonly memoryMask?: Tensor | undefined;
  /** A cache for each layer: y is what follows the tokens in them. Only without gradients. */
  readonly caches?: readonly KeyValueCache[] | undefined;
}

const contextRules: RulesOf<DecoderContext> = {
  mask: aTensor,
  memoryMask: aTensor,
  caches: many(shaped("a KeyValueCache", "append", "select")),
  ...traceRules,
};

/** A stack of layers that tokens see earlier tokens in, and the encoder's output. Vaswani et al. 2017, §3.1. */
export class Decoder extends Module {
  readonly blocks: DecoderBlock[];
  readonly norm: LayerNorm | undefined;

  constructor(config: TransformerConfig, rng: Rng) {
    super();
    const { dModel: hiddenSize, decoderAttentionHeads: numHeads, decoderFfnDim: intermediateSize, dropout, layerNormEps } = config;
    const attention = { hiddenSize, numHeads, attentionDropout: config.attentionDropout, dropout, rng };
    const activation = activationOf(config.activationFunction);
    const Block = config.normalizeBefore ? PreNormDecoderBlock : PostNormDecoderBlock;
    this.blocks = Array.from({ length: config.decoderLayers }, () => {
      const mlp = new FeedForward({ hiddenSize, intermediateSize, activation, dropout, rng });
      const parts = { selfAttention: new SelfAttention(attention), crossAttention: new CrossAttention(attention), mlp };
      return new Block({ hiddenSize, layerNormEps, ...parts });
    });
    this.norm = config.addFinalLayerNorm ? new LayerNorm(hiddenSize, layerNormEps) : undefined;
  }

  /** The encoder's output (B, N, D) as each layer's cross-attention needs it: keys and values (B, N, 2D). Once is enough for all targets. */
  remember(memory: Tensor): Tensor[] {
    return this.blocks.map((block) => block.crossAttention.remember(memory));
  }

  /** y (k·B, M, D) and what `remember` gave → (k·B, M, D). Token i sees tokens up to i only. Of y, k samples in a row share a memory. */
  forward(y: Tensor, remembered: readonly Tensor[], options: DecoderContext = {}): Tensor {
    checkOptions("Decoder", options, contextRules);
    const { caches, ...context } = options;
    context.trace?.addHiddenState(y);
    for (const [i, block] of this.blocks.entries()) {
      y = block.forward(y, { ...context, causal: true, memory: remembered[i] as Tensor, cache: caches?.[i] });
      context.trace?.addHiddenState(y);
    }
    return this.norm?.forward(y) ?? y;
  }
}
