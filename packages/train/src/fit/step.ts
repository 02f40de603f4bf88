import { backward, clipGradientNorm, type Optimizer, type Parameter, scaleAndShift, TensorError } from "@x/layers";
import { recompute, trainingStep } from "@x/layers/model";
import { free } from "../objectives/free.ts";
import { type Learned, type Objective, outcomeOf } from "../objectives/objective.ts";

/** What a step is taken with. */
export interface StepTools {
  readonly optimizer: Optimizer;
  /** What is trained, by name. */
  readonly names: ReadonlyMap<Parameter, string>;
  /** Longest common norm of the gradients; Infinity: any. */
  readonly maxGradientNorm: number;
  /** Into how many parts the examples are cut. */
  readonly accumulate: number;
  /** What becomes of the blocks' insides until the way back. */
  readonly blocks: "kept" | "recomputed";
}

/**
 * One step of the optimizer: the loss of all examples, part after part, so that memory holds the tape of one. Each part's gradient counts as much as
 * what it is a mean over, so that the sum is the gradient of the whole's mean.
 * @throws TensorError when the loss or a gradient isn't finite, or it depends on nothing that is trained: the step isn't taken then
 */
export async function takeStep<Example, Batch, Outcome extends Learned>(
  objective: Objective<Example, Batch, Outcome>,
  examples: readonly Example[],
  { optimizer, names, maxGradientNorm, accumulate, blocks }: StepTools,
): Promise<{ readonly loss: number; readonly gradientNorm: number }> {
  const batches: Batch[] = [];
  const weights: number[] = [];
  try {
    for (const part of partsOf(examples, accumulate)) {
      const batch = await objective.collate(part);
      batches.push(batch);
      weights.push(objective.weightOf?.(batch) ?? part.length);
    }
    const total = Math.max(
      weights.reduce((sum, weight) => sum + weight, 0),
      1,
    );
    let loss = 0;
    for (const [i, batch] of batches.entries()) loss += learn(objective, batch, (weights[i] ?? 0) / total, names, blocks);
    if (![...names.keys()].some(({ grad }) => grad)) throw new TensorError(`fit: ${APART}`);
    const gradientNorm = clipGradientNorm([...names.keys()], maxGradientNorm, names);
    optimizer.step(names);
    objective.afterStep?.();
    return { loss, gradientNorm };
  } finally {
    optimizer.zeroGrad(); // also of a step that wasn't taken
    for (const batch of batches) free(batch);
  }
}

const APART = "the loss depends on nothing that is trained: a LoRA must be given as adapter";

/** One part's loss and gradient, as far as it counts. */
function learn<Batch, Outcome extends Learned>(
  objective: Pick<Objective<never, Batch, Outcome>, "loss">,
  batch: Batch,
  share: number,
  names: ReadonlyMap<Parameter, string>,
  blocks: StepTools["blocks"],
): number {
  return trainingStep(
    () => {
      const { loss } = outcomeOf(objective.loss(batch));
      const value = share * loss.item();
      if (!Number.isFinite(value)) refuse(loss.item(), names);
      if (!loss.requiresGrad) throw new TensorError(`fit: ${APART}`);
      backward(share === 1 ? loss : scaleAndShift(loss, share, 0));
      return value;
    },
    blocks === "recomputed" ? recompute : undefined,
  );
}

function refuse(loss: number, names: ReadonlyMap<Parameter, string>): never {
  const [, spoilt] = [...names].find(([parameter]) => parameter.toTypedArray().some((value) => !Number.isFinite(value))) ?? [];
  const cause =
    spoilt === undefined ? "all parameters are finite: look at the examples, or try a lower learningRate" : `${spoilt} isn't finite`;
  throw new TensorError(`fit: the loss is ${loss}, the step isn't taken; ${cause}`);
}

/** As equal as they can be, the longer ones first; less where there aren't as many examples. */
function partsOf<Example>(examples: readonly Example[], count: number): (readonly Example[])[] {
  const size = Math.ceil(examples.length / count);
  return Array.from({ length: Math.ceil(examples.length / size) }, (_, i) => examples.slice(i * size, (i + 1) * size));
}
