import { linear } from "../ops/matmul/linear.ts";
import { patchify } from "../ops/conv/patchify.ts";
import { slice } from "../ops/shape/slice.ts";
import { checkOptions } from "../options.ts";
import type { Rng } from "../random.ts";
import { checkImages } from "../tensor/operands.ts";
import { Parameter } from "../tensor/parameter.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { fillXavierUniform, fillZeros } from "./initializers.ts";
import { biasRules } from "./linear.ts";
import { adapted, type AdaptableLayer, type LayerAdapter } from "./layer-adapter.ts";
import { Module } from "./module.ts";

/**
 * Images cut into P × P patches, each flattened and projected to D: a convolution whose stride is its kernel, done as one matrix
 * multiplication. Dosovitskiy et al. 2021, eq. 1.
 */
export class PatchEmbedding extends Module implements AdaptableLayer {
  /** (D, C, P, P), as a convolution keeps it. */
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;
  readonly patchSize: number;
  readonly adapters: Set<LayerAdapter> = new Set();

  /** @param options.bias whether there is one; default true */
  constructor(numChannels: number, patchSize: number, hiddenSize: number, options: { readonly bias?: boolean | undefined } = {}) {
    super();
    checkOptions("PatchEmbedding", options, biasRules);
    this.weight = new Parameter([hiddenSize, numChannels, patchSize, patchSize]);
    this.bias = (options.bias ?? true) ? new Parameter([hiddenSize]) : undefined;
    this.patchSize = patchSize;
  }

  /** images (B, C, H, W) → (B, N, D), patches row by row; what is left below and to the right is not seen. @throws ShapeError when C isn't the model's */
  forward(images: Tensor): Tensor {
    checkImages("PatchEmbedding", images, this.weight.shape[1] ?? 0);
    const patches = patchify(this.#whole(images), this.patchSize); // (B, N, C·P·P)
    return adapted(linear(patches, this.weight, this.bias), patches, this); // (B, N, D)
  }

  /** images (B, C, H, W) → (B, C, rows · P, columns · P) */
  #whole(images: Tensor): Tensor {
    const [, , height = 0, width = 0] = images.shape;
    const [rest, aside] = [height % this.patchSize, width % this.patchSize];
    const above = rest === 0 ? images : slice(images, 2, 0, height - rest);
    return aside === 0 ? above : slice(above, 3, 0, width - aside);
  }

  /** Xavier-uniform over the flattened patch, zero bias. */
  override initialize(rng: Rng): this {
    const [hiddenSize = 1] = this.weight.shape;
    using flattened = this.weight.view([hiddenSize, this.weight.size / hiddenSize]);
    fillXavierUniform(flattened, rng);
    if (this.bias) fillZeros(this.bias);
    return this;
  }
}
