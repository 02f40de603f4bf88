import { belowOne, checkOptions, fromZero, needed, type RulesOf } from "../options.ts";
import { kernels } from "../tensor/engine.ts";
import type { Parameter } from "../tensor/parameter.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Optimizer, type ParameterGroup, type Update } from "./optimizer.ts";

export interface AdamWOptions {
  readonly learningRate: number;
  /** Decay of the mean of gradients. Default 0.9. */
  readonly beta1?: number | undefined;
  /** Decay of the mean of squared gradients. Default 0.999. */
  readonly beta2?: number | undefined;
  /** Added to the root of the squared mean. Default 1e-8. */
  readonly eps?: number | undefined;
  /** Decoupled: each step shrinks weights by learningRate · weightDecay. Default 0.01; 0 makes it Adam. */
  readonly weightDecay?: number | undefined;
}

const rules: RulesOf<AdamWOptions> = {
  learningRate: needed(fromZero),
  beta1: belowOne,
  beta2: belowOne,
  eps: fromZero,
  weightDecay: fromZero,
};

/** Adam with decoupled weight decay. Kingma & Ba 2015, algorithm 1; Loshchilov & Hutter 2019, algorithm 2. */
export class AdamW extends Optimizer {
  readonly #beta1: number;
  readonly #beta2: number;
  readonly #eps: number;

  /** @throws TensorError when a number can't be, an option has another name, there is nothing to train, or a parameter comes twice */
  constructor(parameters: readonly Parameter[] | readonly ParameterGroup[], options: AdamWOptions) {
    checkOptions("AdamW", options, rules);
    const { learningRate, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay = 0.01 } = options;
    super(parameters, learningRate, weightDecay, 2);
    this.#beta1 = beta1;
    this.#beta2 = beta2;
    this.#eps = eps;
  }

  protected override update(parameter: Parameter, gradient: Tensor, { moments: [m, v], step, learningRate, weightDecay }: Update): void {
    if (!m || !v) return;
    const correction1 = 1 - this.#beta1 ** step;
    const correction2 = 1 - this.#beta2 ** step;
    kernels().adamW({
      parameter,
      gradient,
      m,
      v,
      rate: learningRate,
      mix1: 1 - this.#beta1,
      mix2: 1 - this.#beta2,
      epsilon: this.#eps,
      weightDecay,
      correction1,
      correction2,
      size: parameter.size,
    });
  }
}

/**
 * Parameters in two groups, as BERT, ViT and their followers train them: matrices decay, biases, norms and single vectors don't.
 */
export function decayMatricesOnly(parameters: readonly Parameter[], weightDecay: number): ParameterGroup[] {
  const isMatrix = ({ shape }: Parameter) => shape.filter((length) => length > 1).length > 1;
  const groups = [
    { parameters: parameters.filter(isMatrix), weightDecay },
    { parameters: parameters.filter((parameter) => !isMatrix(parameter)), weightDecay: 0 },
  ];
  return groups.filter((group) => group.parameters.length > 0);
}
