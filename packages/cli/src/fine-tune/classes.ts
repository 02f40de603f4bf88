/** Which classes the labels of examples are, and of what kind. */
import { ArgumentError } from "@x/layers";
import { type ProblemType, shown } from "@x/layers/model";
import type { Label } from "@x/train";

export interface Classes {
  readonly names: readonly string[];
  readonly problemType: ProblemType;
}

/** As in a file: a class by name or number, several as a list, or a quantity. */
export type RawLabel = Label | readonly Label[];

export function isLabel(value: unknown): value is RawLabel {
  return Array.isArray(value) ? value.every((one) => isOneLabel(one)) : isOneLabel(value);
}

export const isOneLabel = (value: unknown): value is Label =>
  typeof value === "string" || (typeof value === "number" && Number.isFinite(value));

/**
 * Lists: several classes at once. Numbers that aren't all whole: quantities. Else one class each, called what the labels are.
 * @throws ArgumentError when there is only one class, or some labels are lists and others aren't
 */
export function classesOf(where: string, labels: readonly RawLabel[]): Classes {
  const lists = labels.filter((label) => typeof label === "object");
  if (lists.length > 0 && lists.length < labels.length)
    throw new ArgumentError(
      where,
      "labels are all lists, or none is",
      `${JSON.stringify(lists[0])} and ${shown(labels.find((label) => typeof label !== "object"))} came`,
    );
  if (labels.every((label) => typeof label === "number") && !labels.every(Number.isInteger))
    return { names: ["LABEL_0"], problemType: "regression" };
  const names = sorted(labels.flat());
  if (lists.length > 0) return { names, problemType: "multi_label_classification" };
  if (names.length < 2) throw new ArgumentError(where, "there must be two classes at least", `every label is ${shown(labels[0])}`);
  return { names, problemType: "single_label_classification" };
}

/** A label as the model's classes are called; a quantity stays one. */
export function named(label: RawLabel, { problemType }: Classes): RawLabel {
  if (problemType === "regression") return label;
  return typeof label === "object" ? label.map(String) : String(label);
}

/** Each once: numbers by size, names by their letters' codes, the same on every system; tags with `O`, which is none, first. */
export function sorted(labels: readonly Label[]): string[] {
  const rank = (name: string): number => (name === "O" ? 0 : 1);
  const names = [...new Set(labels.map(String))];
  const byNumber = labels.every((label) => typeof label === "number");
  return names.toSorted((a, b) => (byNumber ? Number(a) - Number(b) : rank(a) - rank(b) || (a < b ? -1 : 1)));
}
