import { add, noGrad, scaleAndShift, type Tensor } from "@x/layers";
import { aboveZero, aShare, checkOptions, type RulesOf } from "@x/layers/model";
import { distillationLoss } from "../losses/distillation-loss.ts";
import { outcomeOf, type Learned, type Objective } from "./objective.ts";

export interface DistillationOptions {
  /** How much is made of the classes that the teacher finds unlikely. Default 2. */
  readonly temperature?: number | undefined;
  /** Share of the teacher's word in the loss; the rest is the labels'. Default 0.5; 1: labels count for nothing. */
  readonly share?: number | undefined;
}

const rules: RulesOf<DistillationOptions> = { temperature: aboveZero, share: aShare };

/**
 * A student that learns from a teacher's logits beside the labels: any objective whose outcome has logits. Hinton et al. 2015.
 *
 * ```ts
 * distillation(textClassification(student), ({ text }) => teacher.forward(text))
 * ```
 * @param teacher the logits of a batch; they get no gradient. The teacher stays in evaluation mode
 */
export function distillation<Example, Batch, Outcome extends Learned & { readonly logits: Tensor }>(
  objective: Objective<Example, Batch, Outcome>,
  teacher: (batch: Batch) => Tensor,
  options: DistillationOptions = {},
): Objective<Example, Batch, Outcome> {
  checkOptions("distillation", options, rules);
  const { temperature = 2, share = 0.5 } = options;
  return {
    ...objective,
    loss(batch) {
      const outcome = outcomeOf(objective.loss(batch)) as Outcome;
      if (!objective.model.training) return outcome;
      const taught = distillationLoss(
        outcome.logits,
        noGrad(() => teacher(batch)),
        temperature,
      );
      return { ...outcome, loss: add(scaleAndShift(outcome.loss, 1 - share, 0), scaleAndShift(taught, share, 0)) };
    },
  };
}
