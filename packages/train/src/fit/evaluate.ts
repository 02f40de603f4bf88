import { noGrad } from "@x/layers";
import { aSignal, breather, checkArguments, checkOptions, type RulesOf, wholeFrom } from "@x/layers/model";
import { batches, type Dataset, someExamples } from "../data/batches.ts";
import { free } from "../objectives/free.ts";
import { type Learned, type Metrics, type Objective, outcomeOf } from "../objectives/objective.ts";
import { rngsOf } from "./rngs.ts";

export interface EvaluateOptions {
  /** How many examples go through the model together. Default 16. */
  readonly batchSize?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const rules: RulesOf<EvaluateOptions> = { batchSize: wholeFrom(1), signal: aSignal };

/** A mean loss, and what the objective counts. */
export interface Evaluation extends Metrics {
  readonly loss: number;
}

/**
 * The objective's loss and scores on a dataset, in evaluation mode. What it draws is the same every time, and leaves the generators as they were.
 * @throws ArgumentError when there is nothing to evaluate with, or an option can't be
 * @throws the signal's reason when aborted
 */
export async function evaluate<Example, Batch, Outcome extends Learned>(
  objective: Objective<Example, Batch, Outcome>,
  dataset: Dataset<Example>,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  checkOptions("evaluate", options, rules);
  checkArguments("evaluate", someExamples, { dataset });
  const { batchSize = 16, signal } = options;
  const { model, collate, weightOf } = objective;
  const modes = [...model.namedModules()].map(([, module]) => [module, module.training] as const);
  const draws = rngsOf(objective).map((rng) => [rng, rng.state] as const);
  const scores = objective.scores?.();
  const breathe = breather();
  let [sum, weight] = [0, 0];
  model.eval();
  for (const [rng] of draws) rng.state = 0;
  try {
    for await (const examples of batches(dataset, { batchSize, lengthOf: objective.lengthOf })) {
      signal?.throwIfAborted();
      const batch = await collate(examples);
      try {
        noGrad(() => {
          const outcome = outcomeOf(objective.loss(batch));
          const counted = weightOf?.(batch) ?? examples.length;
          sum += counted * outcome.loss.item();
          weight += counted;
          scores?.add(outcome as Outcome, batch);
        });
      } finally {
        free(batch);
      }
      await breathe();
    }
  } finally {
    for (const [module, training] of modes) module.training = training;
    for (const [rng, state] of draws) rng.state = state;
  }
  return { loss: sum / Math.max(weight, 1), ...scores?.result() };
}
