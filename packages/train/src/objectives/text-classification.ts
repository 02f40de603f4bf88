import type { Tensor } from "@x/layers";
import { aShare, checkOptions, type RulesOf, wholeFrom } from "@x/layers/model";
import { type ClassesConfig, classesOf, type ClassesOutcome, type Label } from "./classes.ts";
import type { Objective } from "./objective.ts";
import { encoderOf, lengthOf, type TextExample, type TextModel, type TextOptions, type TextTensors, tokenizerOf } from "./text.ts";

/** What is needed of a model: BertForSequenceClassification, FNetForSequenceClassification… */
export interface TextClassifierModel extends TextModel {
  readonly config: TextModel["config"] & ClassesConfig;
  /** text (B, N) → logits (B, classes) */
  forward(text: TextTensors): Tensor;
}

/** A text of a class, or of several. */
export interface ClassifiedText extends TextExample {
  /** By name or number; several as a list, where the config's `problemType` says so; a number where it is a regression. */
  readonly label: Label | readonly Label[];
}

export interface ClassifiedBatch {
  readonly text: TextTensors;
  readonly targets: Tensor | Tensor<"int32">;
}

export interface TextClassificationOptions extends TextOptions {
  /** Share of the target that is spread over all classes alike. Default 0. */
  readonly labelSmoothing?: number | undefined;
}

const rules: RulesOf<TextClassificationOptions> = { maxLength: wholeFrom(1), labelSmoothing: aShare };

/**
 * Classes of whole texts, or pairs of texts. Scores: accuracy, f1 (the mean over the classes), each class's precision, recall and f1, the confusion matrix;
 * of several labels at once microF1 and macroF1; of numbers pearson and spearman.
 * @throws ArgumentError when the model has no tokenizer, or a label is none of its classes
 */
export function textClassification(
  model: TextClassifierModel,
  options: TextClassificationOptions = {},
): Objective<ClassifiedText, ClassifiedBatch, ClassesOutcome> {
  const where = "textClassification";
  checkOptions(where, options, rules);
  const encode = encoderOf(where, model, options);
  const classes = classesOf(where, model.config, options.labelSmoothing ?? 0);
  return {
    model,
    lengthOf,
    collate: (examples) => {
      const targets = classes.targetsOf(examples.map(({ label }) => label));
      return { text: tokenizerOf(where, model).pad(examples.map(encode)), targets };
    },
    loss({ text, targets }) {
      const logits = model.forward(text); // (B, classes)
      return { loss: classes.loss(logits, targets), logits };
    },
    scores: () => classes.scores(),
  };
}
