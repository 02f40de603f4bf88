import { batchNorm, batchNormTraining } from "../ops/norm/batch-norm.ts";
import { aShare, checkOptions, fromZero, type RulesOf } from "../options.ts";
import { Parameter } from "../tensor/parameter.ts";
import { keep } from "../tensor/scope.ts";
import { reserved, type Tensor } from "../tensor/tensor.ts";
import { fillOnes, fillZeros } from "./initializers.ts";
import { Module } from "./module.ts";
import { followStatistics } from "./running-statistics.ts";
import { refuseEvaluation } from "./training-mode.ts";

/** What layers with running statistics take. */
export const batchNormRules: RulesOf<NonNullable<ConstructorParameters<typeof BatchNorm2d>[1]>> = { eps: fromZero, momentum: aShare };

/**
 * (x − mean) / √(variance + eps) · weight + bias, channel by channel: in training with the batch's own statistics, whose running averages
 * serve in evaluation. Ioffe & Szegedy 2015.
 */
export class BatchNorm2d extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;
  /** Buffers: saved, not trained. */
  readonly runningMean: Tensor;
  readonly runningVar: Tensor;
  readonly eps: number;
  readonly momentum: number;

  /**
   * Nothing is filled: `initialize` or a checkpoint does that.
   * @param options.eps default 1e-5
   * @param options.momentum how much of a batch's statistics goes into the running ones; default 0.1
   */
  constructor(numChannels: number, options: { readonly eps?: number | undefined; readonly momentum?: number | undefined } = {}) {
    super();
    checkOptions("BatchNorm2d", options, batchNormRules);
    const { eps = 1e-5, momentum = 0.1 } = options;
    this.weight = new Parameter([numChannels]);
    this.bias = new Parameter([numChannels]);
    this.runningMean = keep(reserved([numChannels]));
    this.runningVar = keep(reserved([numChannels]));
    this.eps = eps;
    this.momentum = momentum;
  }

  /** x (B, C, H, W) → (B, C, H, W). @throws ArgumentError when `train` trains its weight in evaluation mode */
  forward(x: Tensor): Tensor {
    if (this.weight.requiresGrad) refuseEvaluation(this, x, "a batch norm");
    const running = { mean: this.runningMean, variance: this.runningVar };
    if (!this.training) return batchNorm(x, this.weight, this.bias, running, this.eps);
    const { y, ...batch } = batchNormTraining(x, this.weight, this.bias, this.eps);
    followStatistics(running, batch, x.size / this.weight.size, this.momentum);
    return y;
  }

  /** weight 1, bias 0; statistics of N(0, 1). */
  override initialize(): this {
    for (const target of [this.weight, this.runningVar]) fillOnes(target);
    for (const target of [this.bias, this.runningMean]) fillZeros(target);
    return this;
  }
}
