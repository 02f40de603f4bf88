import { backward } from "../autograd/backward.ts";
import { breather } from "./breather.ts";
import { TensorError } from "../errors.ts";
import { clipGradientNorm } from "../optim/clip-gradient-norm.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import type { Schedule } from "../optim/schedule.ts";
import { scope } from "../tensor/scope.ts";
import type { Tensor } from "../tensor/tensor.ts";

export interface TrainOptions {
  readonly optimizer: Optimizer;
  /** How many steps, counted from 1. */
  readonly steps: number;
  /** The step's loss, a scalar; made in a scope that is freed after the step. */
  readonly loss: (step: number) => Tensor;
  /** Learning rate by step. Default: the optimizer's own, unchanged. */
  readonly schedule?: Schedule;
  /** Gradients of a longer common norm are shortened to it. Default: none are. */
  readonly maxGradientNorm?: number;
  /** Called after every step. */
  readonly onStep?: (report: TrainReport) => void;
  /** Ends the training between two steps; the parameters stay as the last step left them. */
  readonly signal?: AbortSignal;
}

export interface TrainReport {
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly learningRate: number;
  /** Before clipping; only where `maxGradientNorm` is given. */
  readonly gradientNorm?: number;
}

/**
 * The training loop: loss, gradients, clipping, a step of the optimizer; memory is freed after every step, and other work gets its turn every
 * few milliseconds.
 * @throws TensorError when the loss stops being a number; the step that would have spoilt the parameters isn't taken
 * @throws the signal's reason when aborted
 */
export async function train({ optimizer, steps, loss, schedule, maxGradientNorm, onStep, signal }: TrainOptions): Promise<void> {
  const parameters = optimizer.groups.flatMap((group) => group.parameters);
  const breathe = breather();
  for (let step = 1; step <= steps; step++) {
    signal?.throwIfAborted();
    if (schedule) optimizer.learningRate = schedule(step);
    const report = scope(() => {
      const value = loss(step);
      const number = value.item();
      if (!Number.isFinite(number))
        throw new TensorError(`train: the loss is ${number} at step ${step}; try a lower learning rate or maxGradientNorm`);
      backward(value);
      const gradientNorm = maxGradientNorm === undefined ? {} : { gradientNorm: clipGradientNorm(parameters, maxGradientNorm) };
      optimizer.step();
      optimizer.zeroGrad();
      return { step, steps, loss: number, learningRate: optimizer.learningRate, ...gradientNorm };
    });
    onStep?.(report);
    await breathe();
  }
}
