import {
  add,
  attention,
  concat,
  fillNormal,
  fillZeros,
  Linear,
  mean,
  Module,
  Parameter,
  reshape,
  type Rng,
  slice,
  type Tensor,
  transpose,
} from "@x/layers";
import { resamplePositions } from "@x/layers/model";

/**
 * One layer of multi-head attention in which the mean over all places asks, and the mean and every place answer, in place of global average
 * pooling. Radford et al. 2021, §2.4. C channels, H × W places.
 */
export class AttentionPool extends Module {
  /** (1 + H·W, C), the mean's first. */
  readonly posEmbed: Parameter;
  readonly qProj: Linear;
  readonly kProj: Linear;
  readonly vProj: Linear;
  readonly cProj: Linear;
  readonly numHeads: number;
  readonly #side: number;

  /** @param side of the square map, in places */
  constructor(side: number, channels: number, numHeads: number, outFeatures: number) {
    super();
    this.#side = side;
    this.posEmbed = new Parameter([1 + side ** 2, channels]);
    this.qProj = new Linear(channels, channels);
    this.kProj = new Linear(channels, channels);
    this.vProj = new Linear(channels, channels);
    this.cProj = new Linear(channels, outFeatures);
    this.numHeads = numHeads;
  }

  /** x (B, C, H, W) → (B, outFeatures) */
  forward(x: Tensor): Tensor {
    const [batch = 0, channels = 0, height = 0, width = 0] = x.shape;
    const places = transpose(reshape(x, [batch, channels, height * width])); //  (B, H·W, C)
    const average = reshape(mean(places, 1), [batch, 1, channels]); //           (B, 1, C)
    const table = reshape(this.posEmbed, [1, -1, channels]);
    const tokens = add(concat([average, places], 1), resamplePositions(table, 1, [this.#side, this.#side], [height, width], "cubic"));
    const query = this.qProj.forward(slice(tokens, 1, 0, 1)); //                 (B, 1, C)
    const pooled = attention(query, this.kProj.forward(tokens), this.vProj.forward(tokens), { numHeads: this.numHeads });
    return reshape(this.cProj.forward(pooled), [batch, -1]); //                  (B, outFeatures)
  }

  /** Everything from N(0, 1/C), zero biases. */
  override initialize(rng: Rng): this {
    const [, channels = 1] = this.posEmbed.shape;
    for (const parameter of this.parameters()) {
      if (parameter.shape.length === 1) fillZeros(parameter);
      else fillNormal(parameter, rng, channels ** -0.5);
    }
    return this;
  }
}
