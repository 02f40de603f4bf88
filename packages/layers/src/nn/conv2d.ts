import { conv2d } from "../ops/conv/conv2d.ts";
import { type ConvOptions, convRules } from "../ops/conv/convolution.ts";
import { aFlag, checkOptions, type RulesOf } from "../options.ts";
import type { Rng } from "../random.ts";
import { drawUniform } from "../ops/elementwise/random.ts";
import { Parameter } from "../tensor/parameter.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { fillZeros } from "./initializers.ts";
import { adapted, type AdaptableLayer, type LayerAdapter } from "./layer-adapter.ts";
import { Module } from "./module.ts";

export interface Conv2dOptions extends ConvOptions {
  /** Whether there is a bias. Default true; before a batch norm there need be none. */
  readonly bias?: boolean | undefined;
}

const rules: RulesOf<Conv2dOptions> = { ...convRules, bias: aFlag };

/** Convolution with square kernels. weight is (outChannels, inChannels, K, K), as PyTorch keeps it. */
export class Conv2d extends Module implements AdaptableLayer {
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;
  readonly stride: number;
  readonly padding: number;
  readonly adapters: Set<LayerAdapter> = new Set();

  constructor(inChannels: number, outChannels: number, kernelSize: number, options: Conv2dOptions = {}) {
    super();
    checkOptions("Conv2d", options, rules);
    const { stride = 1, padding = 0, bias = true } = options;
    this.weight = new Parameter([outChannels, inChannels, kernelSize, kernelSize]);
    this.bias = bias ? new Parameter([outChannels]) : undefined;
    this.stride = stride;
    this.padding = padding;
  }

  /** x (B, inChannels, H, W) → (B, outChannels, H', W') */
  forward(x: Tensor): Tensor {
    const { stride, padding } = this;
    return adapted(conv2d(x, this.weight, this.bias, { stride, padding }), x, this);
  }

  /** Uniform within ±1 / √(inChannels · K²), PyTorch's own; zero bias. */
  override initialize(rng: Rng): this {
    const fanIn = this.weight.size / (this.weight.shape[0] ?? 1);
    drawUniform(this.weight, rng, -(fanIn ** -0.5), fanIn ** -0.5);
    if (this.bias) fillZeros(this.bias);
    return this;
  }
}
