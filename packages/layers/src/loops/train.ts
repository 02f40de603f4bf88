import { backward } from "../autograd/backward.ts";
import { trainingStep } from "../autograd/grad-mode.ts";
import { ArgumentError, shown, TensorError } from "../errors.ts";
import type { Module } from "../nn/module.ts";
import { clipGradientNorm } from "../optim/clip-gradient-norm.ts";
import { Optimizer } from "../optim/optimizer.ts";
import type { Schedule } from "../optim/schedule.ts";
import { aboveZero, aFunction, aSignal, checkOptions, needed, type ValueRule, type RulesOf, shaped, wholeFrom } from "../options.ts";
import type { Parameter } from "../tensor/parameter.ts";
import { Tensor } from "../tensor/tensor.ts";
import { breather } from "./breather.ts";

export interface TrainOptions {
  /**
   * Put into training mode, and back into the modes that it came in, whatever happens; errors name its parameters. Without it the modes are yours, and
   * evaluation mode is noticed where it makes a difference.
   */
  readonly model?: Module | undefined;
  readonly optimizer: Optimizer;
  /** How many steps, counted from 1. */
  readonly steps: number;
  /** The step's loss, a scalar; made in a scope that is freed after the step. */
  readonly loss: (step: number) => Tensor;
  /** Learning rate by step. Default: the optimizer's own, unchanged. */
  readonly schedule?: Schedule | undefined;
  /** Gradients of a longer common norm are shortened to it. Default: none are. */
  readonly maxGradientNorm?: number | undefined;
  /** Called after every step, and awaited: the parameters are that step's until it is done. */
  readonly onStep?: ((report: TrainReport) => unknown) | undefined;
  /** Ends the training between two steps; the parameters stay as the last step left them. */
  readonly signal?: AbortSignal | undefined;
}

export interface TrainReport {
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly learningRate: number;
  /** Before clipping; only where `maxGradientNorm` is given. */
  readonly gradientNorm?: number | undefined;
}

const anOptimizer: ValueRule = { rule: "an AdamW, an SGD or another Optimizer", holds: (value) => value instanceof Optimizer };

export const trainRules: RulesOf<TrainOptions> = {
  model: shaped("a Module", "namedModules", "training"),
  optimizer: needed(anOptimizer),
  steps: needed(wholeFrom(0)),
  loss: needed(aFunction),
  schedule: aFunction,
  maxGradientNorm: aboveZero,
  onStep: aFunction,
  signal: aSignal,
};

/**
 * The training loop: loss, gradients, clipping, a step of the optimizer; memory is freed after every step, and other work gets its turn every
 * few milliseconds.
 *
 * ```ts
 * await train({ model, optimizer, steps: 500, loss: () => crossEntropy(model.forward(images), labels) });
 * ```
 *
 * @throws TensorError when the loss or a gradient stops being a number: the step that would have spoilt the parameters isn't taken
 * @throws TensorError when what is trained goes through dropout, DropPath or batch norm in evaluation mode
 * @throws ArgumentError when an option can't be
 * @throws the signal's reason when aborted
 */
export async function train(options: TrainOptions): Promise<void> {
  checkOptions("train", options, trainRules);
  const { model, optimizer, signal } = options;
  const modes = [...(model?.namedModules() ?? [])].map(([, module]) => [module, module.training] as const);
  const names = new Map([...(model?.namedParameters() ?? [])].map(([path, parameter]) => [parameter, path]));
  const breathe = breather();
  model?.train();
  try {
    for (let step = 1; step <= options.steps; step++) {
      signal?.throwIfAborted();
      const report = trainingStep(() => takeStep(options, step, names));
      await options.onStep?.(report);
      await breathe();
    }
  } finally {
    optimizer.zeroGrad(); // of a step that wasn't taken
    for (const [module, training] of modes) module.training = training;
  }
}

function takeStep(
  { optimizer, steps, loss, schedule, maxGradientNorm }: TrainOptions,
  step: number,
  names: ReadonlyMap<Parameter, string>,
): TrainReport {
  if (schedule) optimizer.learningRate = schedule(step);
  const value = loss(step);
  if (!(value instanceof Tensor))
    throw new ArgumentError("train", "the loss must be a tensor of one element, made at once", `${shown(value)} came`);
  const number = value.item();
  if (!Number.isFinite(number)) throw new TensorError(`train: the loss is ${number} at step ${step}; ${REMEDY}`);
  backward(value);
  const parameters = optimizer.groups.flatMap((group) => group.parameters);
  const gradientNorm = maxGradientNorm === undefined ? {} : { gradientNorm: clipGradientNorm(parameters, maxGradientNorm, names) };
  optimizer.step(names);
  optimizer.zeroGrad();
  return { step, steps, loss: number, learningRate: optimizer.learningRate, ...gradientNorm };
}

const REMEDY = "try a lower learning rate or maxGradientNorm";
