import { aboveZero, checkArguments, fromZero } from "../options.ts";

/** A learning rate for every step, counted from 1. Set it before the step: `optimizer.learningRate = schedule(step)`. */
export type Schedule = (step: number) => number;

/** The same rate at every step. */
export function constant(learningRate: number): Schedule {
  checkArguments("constant", fromZero, { learningRate });
  return () => learningRate;
}

/** Linear from 0 to `learningRate` in `warmupSteps`, then linear to 0 at `totalSteps`. BERT's. Devlin et al. 2019, appendix A.2. */
export function linearWithWarmup(learningRate: number, warmupSteps: number, totalSteps: number): Schedule {
  checkArguments("linearWithWarmup", fromZero, { learningRate, warmupSteps, totalSteps });
  return (step) =>
    learningRate *
    (step < warmupSteps ? step / Math.max(1, warmupSteps) : Math.max(0, (totalSteps - step) / Math.max(1, totalSteps - warmupSteps)));
}

/** Linear from 0 to `learningRate` in `warmupSteps`, then half a cosine down to `minimum` (default 0) at `totalSteps`. Loshchilov & Hutter 2017, eq. 5. */
export function cosineWithWarmup(learningRate: number, warmupSteps: number, totalSteps: number, minimum = 0): Schedule {
  checkArguments("cosineWithWarmup", fromZero, { learningRate, warmupSteps, totalSteps, minimum });
  return (step) => {
    if (step < warmupSteps) return (learningRate * step) / Math.max(1, warmupSteps);
    const progress = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
    return minimum + (learningRate - minimum) * 0.5 * (1 + Math.cos(Math.PI * progress));
  };
}

/** factor · hiddenSize^−½ · min(step^−½, step · warmupSteps^−1½). Vaswani et al. 2017, eq. 3. */
export function noam(hiddenSize: number, warmupSteps = 4000, factor = 1): Schedule {
  checkArguments("noam", aboveZero, { hiddenSize, warmupSteps, factor });
  return (step) => factor * hiddenSize ** -0.5 * Math.min(step ** -0.5, step * warmupSteps ** -1.5);
}
