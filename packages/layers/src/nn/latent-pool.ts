import { add } from "../ops/elementwise/arithmetic.ts";
import { broadcastTo } from "../ops/shape/broadcast.ts";
import { reshape } from "../ops/shape/reshape.ts";
import type { Rng } from "../random.ts";
import { Parameter } from "../tensor/parameter.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { CrossAttention } from "./cross-attention.ts";
import { FeedForward, type FeedForwardOptions } from "./feed-forward.ts";
import { fillXavierUniform } from "./initializers.ts";
import { LayerNorm } from "./layer-norm.ts";
import { Module } from "./module.ts";

export interface LatentPoolOptions extends Pick<FeedForwardOptions, "hiddenSize" | "intermediateSize" | "activation"> {
  readonly numHeads: number;
  readonly layerNormEps: number;
}

/**
 * Pooling by attention: one learned query looks at all tokens, and an MLP with a residual follows, in place of a class token. Lee et al. 2019, "Set
 * Transformer", §3.2; Zhai et al. 2022, "Scaling Vision Transformers", §3.4 (MAP head).
 */
export class LatentPool extends Module {
  /** The query: (1, 1, D). */
  readonly latent: Parameter;
  readonly attention: CrossAttention;
  readonly norm: LayerNorm;
  readonly mlp: FeedForward;

  /** @throws ArgumentError when the heads don't divide the width */
  constructor({ numHeads, layerNormEps, ...options }: LatentPoolOptions) {
    super();
    this.latent = new Parameter([1, 1, options.hiddenSize]);
    this.attention = new CrossAttention({ hiddenSize: options.hiddenSize, numHeads });
    this.norm = new LayerNorm(options.hiddenSize, layerNormEps);
    this.mlp = new FeedForward(options);
  }

  /** tokens (B, N, D) → (B, D) */
  forward(tokens: Tensor): Tensor {
    const [batch = 0, , width = 0] = tokens.shape;
    const query = broadcastTo(this.latent, [batch, 1, width]); //                       (B, 1, D)
    const seen = this.attention.forward(query, this.attention.remember(tokens)); //     (B, 1, D)
    return reshape(add(seen, this.mlp.forward(this.norm.forward(seen))), [batch, width]);
  }

  /** Xavier-uniform, the query too. */
  override initialize(rng: Rng): this {
    super.initialize(rng);
    fillXavierUniform(this.latent, rng);
    return this;
  }
}
