import {
  activationOf,
  type AttentionContext,
  FeedForward,
  LayerNorm,
  Module,
  PostNormBlock,
  PreNormBlock,
  type Rng,
  SelfAttention,
  type Tensor,
} from "@x/layers";
import type { TransformerConfig } from "./config.ts";

/** A stack of layers that all tokens see all tokens in. Vaswani et al. 2017, §3.1. */
export class Encoder extends Module {
  readonly blocks: (PostNormBlock<AttentionContext> | PreNormBlock<AttentionContext>)[];
  readonly norm: LayerNorm | undefined;

  constructor(config: TransformerConfig, rng: Rng) {
    super();
    const { dModel: hiddenSize, encoderAttentionHeads: numHeads, encoderFfnDim: intermediateSize, dropout, layerNormEps } = config;
    const activation = activationOf(config.activationFunction);
    const Block = config.normalizeBefore ? PreNormBlock : PostNormBlock;
    this.blocks = Array.from({ length: config.encoderLayers }, () => {
      const mixer = new SelfAttention({ hiddenSize, numHeads, attentionDropout: config.attentionDropout, dropout, rng });
      const mlp = new FeedForward({ hiddenSize, intermediateSize, activation, dropout, rng });
      return new Block({ hiddenSize, layerNormEps, mixer, mlp });
    });
    this.norm = config.addFinalLayerNorm ? new LayerNorm(hiddenSize, layerNormEps) : undefined;
  }

  /** x (B, N, D) → what the decoder looks at (B, N, D) */
  forward(x: Tensor, context: AttentionContext = {}): Tensor {
    context.trace?.addHiddenState(x);
    for (const block of this.blocks) {
      x = block.forward(x, context);
      context.trace?.addHiddenState(x);
    }
    return this.norm?.forward(x) ?? x;
  }
}
