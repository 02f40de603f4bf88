import { checkArguments, fromZero } from "../options.ts";
import { layerNorm } from "../ops/norm/layer-norm.ts";
import { Parameter } from "../tensor/parameter.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { fillOnes, fillZeros } from "./initializers.ts";
import { Module } from "./module.ts";

/** (x − mean) / √(variance + eps) · weight + bias over the last axis, with the biased variance. Ba, Kiros & Hinton 2016. */
export class LayerNorm extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;
  readonly eps: number;

  constructor(hiddenSize: number, eps: number) {
    super();
    checkArguments("LayerNorm", fromZero, { eps });
    this.weight = new Parameter([hiddenSize]);
    this.bias = new Parameter([hiddenSize]);
    this.eps = eps;
  }

  /** x (…, D) → (…, D) */
  forward(x: Tensor): Tensor {
    return layerNorm(x, this.weight, this.bias, this.eps);
  }

  /** weight 1, bias 0. */
  override initialize(): this {
    fillOnes(this.weight);
    fillZeros(this.bias);
    return this;
  }
}
