import { activate } from "../ops/elementwise/activate.ts";
import { linear, type LinearOptions } from "../ops/matmul/linear.ts";
import { aFlag, checkOptions, type RulesOf } from "../options.ts";
import type { Rng } from "../random.ts";
import { Parameter } from "../tensor/parameter.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { fillXavierUniform, fillZeros } from "./initializers.ts";
import { adapted, type AdaptableLayer, type LayerAdapter } from "./layer-adapter.ts";
import { Module } from "./module.ts";

export const biasRules: RulesOf<{ readonly bias?: boolean | undefined }> = { bias: aFlag };

/** y = x · weightᵀ + bias. weight is (outFeatures, inFeatures), as PyTorch keeps it. */
export class Linear extends Module implements AdaptableLayer {
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;
  readonly adapters: Set<LayerAdapter> = new Set();

  /** @param options.bias whether there is one; default true */
  constructor(inFeatures: number, outFeatures: number, options: { readonly bias?: boolean | undefined } = {}) {
    super();
    checkOptions("Linear", options, biasRules);
    this.weight = new Parameter([outFeatures, inFeatures]);
    this.bias = (options.bias ?? true) ? new Parameter([outFeatures]) : undefined;
  }

  /** x (…, inFeatures) → (…, outFeatures) */
  forward(x: Tensor, options?: LinearOptions): Tensor {
    if (this.adapters.size === 0) return linear(x, this.weight, this.bias, options);
    const y = adapted(linear(x, this.weight, this.bias), x, this);
    return options?.activation ? activate(y, options.activation) : y;
  }

  /** Xavier-uniform weight (Glorot & Bengio 2010), zero bias. */
  override initialize(rng: Rng): this {
    fillXavierUniform(this.weight, rng);
    if (this.bias) fillZeros(this.bias);
    return this;
  }
}
