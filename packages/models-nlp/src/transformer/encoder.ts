import { type AttentionContext, LayerNorm, Module, type PostNormBlock, type PreNormBlock, type Rng, type Tensor } from "@x/layers";
import { postNormBlock, preNormBlock, runBlocks } from "@x/layers/model";
import type { TransformerConfig } from "./config.ts";

/** A stack of layers that all tokens see all tokens in. Vaswani et al. 2017, §3.1. */
export class Encoder extends Module {
  readonly blocks: (PostNormBlock<AttentionContext> | PreNormBlock<AttentionContext>)[];
  readonly norm: LayerNorm | undefined;

  constructor(config: TransformerConfig, rng: Rng) {
    super();
    const shape = {
      hiddenSize: config.dModel,
      numAttentionHeads: config.encoderAttentionHeads,
      intermediateSize: config.encoderFfnDim,
      hiddenAct: config.activationFunction,
      layerNormEps: config.layerNormEps,
      hiddenDropoutProb: config.dropout,
      attentionProbsDropoutProb: config.attentionDropout,
    };
    this.blocks = Array.from({ length: config.encoderLayers }, () =>
      config.normalizeBefore ? preNormBlock(shape, rng) : postNormBlock(shape, rng),
    );
    this.norm = config.addFinalLayerNorm ? new LayerNorm(config.dModel, config.layerNormEps) : undefined;
  }

  /** x (B, N, D) → what the decoder looks at (B, N, D) */
  forward(x: Tensor, context: AttentionContext = {}): Tensor {
    const y = runBlocks(this.blocks, x, context);
    return this.norm?.forward(y) ?? y;
  }
}
