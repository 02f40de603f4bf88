import { belowOne, checkOptions, fromZero, needed, type RulesOf } from "../options.ts";
import { kernels } from "../tensor/engine.ts";
import type { Parameter } from "../tensor/parameter.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Optimizer, type ParameterGroup, type Update } from "./optimizer.ts";

export interface SGDOptions {
  readonly learningRate: number;
  /** Share of the last step's velocity that is kept. Default 0. */
  readonly momentum?: number | undefined;
  /** Added to the gradient: weightDecay · weight. Default 0. */
  readonly weightDecay?: number | undefined;
}

const rules: RulesOf<SGDOptions> = { learningRate: needed(fromZero), momentum: belowOne, weightDecay: fromZero };

/** Stochastic gradient descent with momentum, as PyTorch has it: v ← momentum · v + gradient, weight ← weight − learningRate · v. */
export class SGD extends Optimizer {
  readonly #momentum: number;

  /** @throws TensorError when a number can't be, an option has another name, there is nothing to train, or a parameter comes twice */
  constructor(parameters: readonly Parameter[] | readonly ParameterGroup[], options: SGDOptions) {
    checkOptions("SGD", options, rules);
    const { learningRate, momentum = 0, weightDecay = 0 } = options;
    super(parameters, learningRate, weightDecay, momentum === 0 ? 0 : 1);
    this.#momentum = momentum;
  }

  protected override update(parameter: Parameter, gradient: Tensor, { moments: [velocity], learningRate, weightDecay }: Update): void {
    kernels().sgd({ parameter, gradient, velocity, rate: learningRate, momentum: this.#momentum, weightDecay, size: parameter.size });
  }
}
