import { TensorError } from "../errors.ts";

/** What a classifier's outputs are: one of the classes, any of them, or a quantity. Hugging Face's `problem_type`. */
export type ProblemType = (typeof problemTypes)[number];
export const problemTypes = ["single_label_classification", "multi_label_classification", "regression"] as const;

/**
 * What makes a classifier's logits probabilities: the sigmoid where each class is judged by itself, or there is only one.
 * @param task whose message it is
 * @throws TensorError when they are a quantity
 */
export function scoringOf(task: string, problemType: string | null | undefined, numLabels: number): "softmax" | "sigmoid" {
  if (problemType === "regression") throw new TensorError(`${task}: this model gives a number, not classes; use its forward`);
  return problemType === "multi_label_classification" || numLabels === 1 ? "sigmoid" : "softmax";
}
