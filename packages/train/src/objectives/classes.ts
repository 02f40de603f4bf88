/** Classes of whole things, texts or images: their labels, losses and scores. What kind they are, the model's config says: one of several, several at once, or numbers. */
import {
  argmax,
  ArgumentError,
  binaryCrossEntropy,
  crossEntropy,
  intTensor,
  type Labels,
  meanSquaredError,
  type Tensor,
  tensor,
} from "@x/layers";
import { shown } from "@x/layers/model";
import { accuracy, classScores, confusionMatrix, macroF1, multiLabelScores, topKAccuracy } from "../metrics/classification.ts";
import { pearson, spearman } from "../metrics/correlation.ts";
import type { Learned, Scores } from "./objective.ts";

/** A class by its name or number; of a regression, the number itself. */
export type Label = string | number;

/** What is needed of a model's config. */
export interface ClassesConfig {
  readonly id2label: Labels;
  /** "single_label_classification", "multi_label_classification" or "regression". Default: single, or regression if there is one label. */
  readonly problemType?: string | null | undefined;
}

/** Logits beside what they should be. */
export interface ClassesOutcome extends Learned {
  /** (B, classes) */
  readonly logits: Tensor;
}

/** How one kind of classes is learned and scored. Targets are numbers of classes (B), 0 and 1 (B, classes), or numbers (B, classes). */
export interface Classes<Target extends Tensor | Tensor<"int32"> = Tensor | Tensor<"int32">> {
  targetsOf(labels: readonly (Label | readonly Label[])[]): Target;
  loss(logits: Tensor, targets: Target): Tensor;
  scores(): Scores<{ readonly targets: Target }, ClassesOutcome>;
}

/** @param where the objective, for messages */
export function classesOf(where: string, { id2label, problemType }: ClassesConfig, labelSmoothing: number): Classes {
  const names = Object.entries(id2label).map(([, name]) => name);
  const kind = problemType ?? (names.length === 1 ? "regression" : "single_label_classification");
  const ids = new Map(names.map((name, id) => [name, id]));
  const idOf = (label: unknown): number => {
    const id = typeof label === "string" ? ids.get(label) : label;
    if (typeof id === "number" && Number.isInteger(id) && id >= 0 && id < names.length) return id;
    throw new ArgumentError(where, `labels are ${names.slice(0, 20).join(", ")}, or their numbers`, `${shown(label)} came`);
  };
  if (kind === "single_label_classification") return bound(single(names, idOf, labelSmoothing));
  if (kind === "multi_label_classification") return bound(multi(names.length, idOf));
  if (kind === "regression") return bound(regression(where, names.length));
  throw new ArgumentError(
    where,
    "problemType is single_label_classification, multi_label_classification or regression",
    `is ${shown(kind)}`,
  );
}

/** Whoever holds one only hands on what it gave. */
const bound = <Target extends Tensor | Tensor<"int32">>(classes: Classes<Target>): Classes => classes as Classes;

function single(names: readonly string[], idOf: (label: unknown) => number, labelSmoothing: number): Classes<Tensor<"int32">> {
  return {
    targetsOf: (labels) => intTensor(labels.map(idOf)), // (B)
    loss: (logits, targets) => crossEntropy(logits, targets, { labelSmoothing }),
    scores() {
      const [guesses, right]: [number[], number[]] = [[], []];
      let inTop5 = 0;
      return {
        add({ logits }, { targets }) {
          guesses.push(...argmax(logits).data);
          right.push(...targets.data);
          inTop5 += targets.size * topKAccuracy(rowsOf(logits), targets.data, 5);
        },
        result() {
          const confusion = confusionMatrix(guesses, right, names.length);
          const classes = Object.fromEntries(classScores(confusion).map((scores, i) => [names[i] ?? "", { ...scores }]));
          const top5 = names.length > 5 ? { top5: inTop5 / Math.max(right.length, 1) } : {};
          return { accuracy: accuracy(confusion), f1: macroF1(confusion), ...top5, classes, confusion };
        },
      };
    },
  };
}

function multi(numClasses: number, idOf: (label: unknown) => number): Classes<Tensor> {
  return {
    targetsOf(labels) {
      const rows = labels.map((each) => {
        const own = new Set((Array.isArray(each) ? each : [each]).map(idOf));
        return Array.from({ length: numClasses }, (_, id) => (own.has(id) ? 1 : 0));
      });
      return tensor(rows); // (B, classes)
    },
    loss: binaryCrossEntropy,
    scores() {
      const [guesses, right]: [Float32Array[], Float32Array[]] = [[], []];
      return {
        add({ logits }, { targets }) {
          guesses.push(...rowsOf(logits).map((row) => row.map((logit) => (logit > 0 ? 1 : 0))));
          right.push(...rowsOf(targets));
        },
        result: () => ({ ...multiLabelScores(guesses, right, numClasses) }),
      };
    },
  };
}

function regression(where: string, width: number): Classes<Tensor> {
  return {
    targetsOf(labels) {
      const rows = labels.map((each) => (Array.isArray(each) ? (each as readonly unknown[]) : [each]));
      for (const row of rows) {
        if (row.length !== width || !row.every((value) => typeof value === "number"))
          throw new ArgumentError(where, `a label is ${width === 1 ? "a number" : `${width} numbers`}`, `${shown(row[0])} came`);
      }
      return tensor(rows as number[][]); // (B, width)
    },
    loss: meanSquaredError,
    scores() {
      const [found, right]: [number[], number[]] = [[], []];
      return {
        add({ logits }, { targets }) {
          found.push(...logits.data);
          right.push(...targets.data);
        },
        result: () => ({ pearson: pearson(found, right), spearman: spearman(found, right) }),
      };
    },
  };
}

/** The rows of the last axis, copied. */
export function rowsOf(x: Tensor): Float32Array[] {
  const width = x.shape.at(-1) ?? 1;
  const values = x.toTypedArray();
  return Array.from({ length: values.length / width }, (_, row) => values.subarray(row * width, (row + 1) * width));
}
