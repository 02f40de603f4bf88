import { multiply } from "../ops/elementwise/arithmetic.ts";
import { Parameter } from "../tensor/parameter.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Module } from "./module.ts";

/** A learned factor for each channel of a residual branch, so small at first that deep models are near the identity. Touvron et al. 2021, "Going deeper with Image Transformers", §3. */
export class LayerScale extends Module {
  /** (D) */
  readonly gamma: Parameter;
  readonly initialValue: number;

  /** @param initialValue what every factor starts from */
  constructor(hiddenSize: number, initialValue: number) {
    super();
    this.gamma = new Parameter([hiddenSize]);
    this.initialValue = initialValue;
  }

  /** x (…, D) → (…, D) */
  forward(x: Tensor): Tensor {
    return multiply(x, this.gamma);
  }

  /** `initialValue` everywhere. */
  override initialize(): this {
    this.gamma.data.fill(this.initialValue);
    return this;
  }
}
