import { activate, Linear, Module, type Tensor } from "@x/layers";
import type { WeightLayout } from "@x/layers/model";
import type { DenseConfig } from "./config.ts";

/** A linear layer after pooling, as sentence-transformers' `Dense`. */
export class Dense extends Module {
  readonly linear: Linear;
  readonly #activation: DenseConfig["activation"];

  constructor({ inFeatures, outFeatures, bias, activation }: DenseConfig) {
    super();
    this.linear = new Linear(inFeatures, outFeatures, { bias });
    this.#activation = activation;
  }

  /** (…, in) → (…, out) */
  forward(x: Tensor): Tensor {
    const y = this.linear.forward(x);
    return this.#activation === "identity" ? y : activate(y, this.#activation);
  }
}

export const denseLayout: WeightLayout = { name: "sentence-transformers Dense", table: { "linear.*": "linear.*" } };
