/** What a classifier's outputs are: one of the classes, any of them, or a quantity. Hugging Face's `problem_type`. */
export type ProblemType = (typeof problemTypes)[number];
export const problemTypes = ["single_label_classification", "multi_label_classification", "regression"] as const;

/** What makes a classifier's outputs probabilities: the sigmoid where each class is judged by itself, or there is only one. Of a quantity nothing does. */
export function scoringOf(problemType: string | null | undefined, numLabels: number): "softmax" | "sigmoid" | "none" {
  if (problemType === "regression") return "none";
  return problemType === "multi_label_classification" || numLabels === 1 ? "sigmoid" : "softmax";
}
