import { linear, type LinearOptions } from "../ops/linear.ts";
import type { Rng } from "../random.ts";
import { Parameter } from "../tensor/parameter.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { fillXavierUniform, fillZeros } from "./initializers.ts";
import { Module } from "./module.ts";

/** y = x · weightᵀ + bias. weight is (outFeatures, inFeatures), as PyTorch keeps it. */
export class Linear extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;

  /** @param options.bias whether there is one; default true */
  constructor(inFeatures: number, outFeatures: number, options: { readonly bias?: boolean } = {}) {
    super();
    this.weight = new Parameter([outFeatures, inFeatures]);
    this.bias = (options.bias ?? true) ? new Parameter([outFeatures]) : undefined;
  }

  /** x (…, inFeatures) → (…, outFeatures) */
  forward(x: Tensor, options?: LinearOptions): Tensor {
    return linear(x, this.weight, this.bias, options);
  }

  /** Xavier-uniform weight (Glorot & Bengio 2010), zero bias. */
  override initialize(rng: Rng): this {
    fillXavierUniform(this.weight, rng);
    if (this.bias) fillZeros(this.bias);
    return this;
  }
}
