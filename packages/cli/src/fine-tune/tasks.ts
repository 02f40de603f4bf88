/** What can be learned: of each task its examples' columns, its model, and its objective. */
import { isAbsolute, join } from "node:path";
import { ArgumentError, type PretrainedOptions, Rng } from "@x/layers";
import { isJsonObject, openSource, type PretrainedModel, readJson } from "@x/layers/model";
import {
  type ClassifiedImage,
  type ClassifiedText,
  fit,
  type FitOptions,
  type FitResult,
  imageClassification,
  type ImageClassifierModel,
  type Learned,
  type Objective,
  rankedPairs,
  type RankedPair,
  type ScoredPair,
  scoredPairs,
  type TaggedText,
  textClassification,
  type TextClassifierModel,
  tokenClassification,
  type TokenClassifierModel,
  translation,
  type TranslatedText,
  type TranslationModel,
  type EmbeddingModel,
} from "@x/train";
import { isAddress } from "../pictures.ts";
import { classesOf, isLabel, isOneLabel, named, sorted } from "./classes.ts";
import type { Row, Rows } from "./rows.ts";

/** What of the command line concerns models and examples. */
export interface TaskSettings {
  readonly model: string;
  readonly seed: number;
  readonly maxLength: number | undefined;
  /** Of translations by models of many languages. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly loading: PretrainedOptions;
}

/** Examples that are read and checked. The model is loaded after that. */
export interface Lesson {
  /** How many there are. */
  readonly examples: number;
  readonly validation: number;
  /** As JSON, to tell whether they are the same another time. */
  readonly text: string;
  load(settings: TaskSettings): Promise<Pupil>;
}

/** A model that is ready to learn them. */
export interface Pupil {
  readonly model: PretrainedModel<object>;
  fit(options: FitOptions<never>): Promise<FitResult>;
}

export interface Task {
  /** For messages and the README. */
  readonly columns: string;
  /** @throws ArgumentError naming the first row that isn't as it should be */
  read(train: Rows, validation: Rows | undefined): Lesson;
}

interface TaskSpec<Example> {
  readonly columns: string;
  /** undefined when the row isn't as it should be. */
  readonly exampleOf: (row: Row, folder: string) => Example | undefined;
  /** @param all training's and validation's */
  readonly prepare: (all: readonly Example[], label: string) => Prepared<Example>;
}

interface Prepared<Example> {
  /** With labels as the model's classes are called. Default: as it is. */
  readonly rename?: ((example: Example) => Example) | undefined;
  load(settings: TaskSettings): Promise<Taught<Example>>;
}

interface Taught<Example> {
  readonly model: PretrainedModel<object>;
  fit(examples: readonly Example[], options: FitOptions<Example>): Promise<FitResult>;
}

const taught = <Example, Batch, Outcome extends Learned>(
  model: PretrainedModel<object>,
  objective: Objective<Example, Batch, Outcome>,
): Taught<Example> => ({ model, fit: (examples, options) => fit(objective, examples, options) });

function task<Example>({ columns, exampleOf, prepare }: TaskSpec<Example>): Task {
  const examplesOf = ({ label, rows, folder }: Rows): readonly Example[] =>
    rows.map((row, i) => {
      const example = exampleOf(row, folder);
      if (example !== undefined) return example;
      throw new ArgumentError(label, `an example has ${columns}`, `number ${i + 1} is ${JSON.stringify(row).slice(0, 100)}`);
    });
  return {
    columns,
    read(train, held) {
      const [examples, validation = []] = [examplesOf(train), held && examplesOf(held)];
      const { load, rename = (example: Example) => example } = prepare([...examples, ...validation], train.label);
      return {
        examples: examples.length,
        validation: validation.length,
        text: JSON.stringify([train.rows, held?.rows]),
        async load(settings) {
          const pupil = await load(settings);
          const given = validation.length > 0 ? { validation: validation.map(rename) } : {};
          return { model: pupil.model, fit: (options) => pupil.fit(examples.map(rename), { ...options, ...given }) };
        },
      };
    },
  };
}

/** Its class says that it is one. */
type Loaded<Model> = PretrainedModel<object> & Model;

const labelsOf = <Label>(examples: readonly { readonly label: Label }[]): readonly Label[] => examples.map(({ label }) => label);

const isText = (value: unknown): value is string => typeof value === "string";

const classifyText = task<ClassifiedText>({
  columns: "text and label, and pair where two texts belong together",
  exampleOf: ({ text, pair = null, label }) =>
    isText(text) && isLabel(label) && (isText(pair) || pair === null) ? { text, label, ...(pair !== null && { pair }) } : undefined,
  prepare(all, label) {
    const classes = classesOf(label, labelsOf(all));
    return {
      rename: (example) => ({ ...example, label: named(example.label, classes) }),
      async load(settings) {
        const { load } = await import("@x/models-nlp/auto");
        const options = await withLabels(settings, "ForSequenceClassification", classes.names, { problemType: classes.problemType });
        const model = await load(settings.model, { ...options, task: "text-classification" });
        return taught(model, textClassification(model as Loaded<TextClassifierModel>, { maxLength: settings.maxLength }));
      },
    };
  },
});

const tag = task<TaggedText>({
  columns: "tokens and tags, two lists of one length",
  exampleOf: ({ tokens, tags }) =>
    Array.isArray(tokens) && Array.isArray(tags) && tokens.length === tags.length && tokens.every(isText) && tags.every(isOneLabel)
      ? { words: tokens, tags }
      : undefined,
  prepare: (all) => ({
    rename: ({ words, tags }) => ({ words, tags: tags.map(String) }),
    async load(settings) {
      const { load } = await import("@x/models-nlp/auto");
      const options = await withLabels(settings, "ForTokenClassification", sorted(all.flatMap(({ tags }) => tags)));
      const model = await load(settings.model, { ...options, task: "token-classification" });
      return taught(model, tokenClassification(model as Loaded<TokenClassifierModel>, { maxLength: settings.maxLength }));
    },
  }),
});

const classify = task<ClassifiedImage<string>>({
  columns: "image, which is a path or an address, and label",
  exampleOf: ({ image, label }, folder) =>
    isText(image) && isLabel(label) ? { image: isAddress(image) || isAbsolute(image) ? image : join(folder, image), label } : undefined,
  prepare(all, label) {
    const classes = classesOf(label, labelsOf(all));
    return {
      rename: (example) => ({ ...example, label: named(example.label, classes) }),
      async load(settings) {
        const { load } = await import("@x/models-vision/auto");
        const { names, problemType } = classes;
        const config = problemType === "single_label_classification" ? undefined : { problemType };
        const options = await withLabels(settings, "ForImageClassification", names, config);
        const model = await load(settings.model, { ...options, task: "image-classification" });
        return taught(model, imageClassification(model as Loaded<ImageClassifierModel<string>>));
      },
    };
  },
});

const embed = task<RankedPair | ScoredPair>({
  columns: "anchor and positive, and negative or negatives where there are such; or sentence1, sentence2 and score",
  exampleOf({ anchor, positive, negative, negatives, sentence1, sentence2, score }) {
    const wrong: unknown = negatives ?? (negative === undefined ? [] : [negative]);
    if (isText(anchor) && isText(positive) && Array.isArray(wrong) && wrong.every(isText)) return { anchor, positive, negatives: wrong };
    return isText(sentence1) && isText(sentence2) && typeof score === "number" ? { first: sentence1, second: sentence2, score } : undefined;
  },
  prepare(all, label) {
    const scored = all.filter((example) => "score" in example).length;
    if (scored > 0 && scored < all.length)
      throw new ArgumentError(label, "all examples have a score, or none has", `${scored} of ${all.length} have one`);
    return {
      async load(settings) {
        const { load } = await import("@x/models-nlp/auto");
        const model = await load(settings.model, { ...plainly(settings), task: "feature-extraction" });
        const [pupil, options] = [model as Loaded<EmbeddingModel>, { maxLength: settings.maxLength }];
        return scored > 0 ? taught(model, scoredPairs(pupil, options)) : taught(model, rankedPairs(pupil, options));
      },
    };
  },
});

const translate = task<TranslatedText>({
  columns: "source and target",
  exampleOf: ({ source, target }) => (isText(source) && isText(target) ? { source, target } : undefined),
  prepare: () => ({
    async load(settings) {
      const { load } = await import("@x/models-nlp/auto");
      const { maxLength, from, to } = settings;
      const model: PretrainedModel<object> = await load(settings.model, { ...plainly(settings), task: "translation" });
      return taught(model, translation(model as Loaded<TranslationModel>, { maxLength, from, to }));
    },
  }),
});

/** By the names that `--task` takes. */
export const tasks: Readonly<Record<"classify-text" | "tag" | "classify" | "embed" | "translate", Task>> = {
  "classify-text": classifyText,
  tag,
  classify,
  embed,
  translate,
};

/**
 * A new head for these classes, unless the checkpoint's own is for the same.
 * @param head what Hugging Face's library adds to a family's name
 */
async function withLabels(settings: TaskSettings, head: string, names: readonly string[], config?: object): Promise<PretrainedOptions> {
  const options = { ...plainly(settings), config };
  const { id2label, architectures } = (await readJson(await openSource(settings.model, settings.loading), "config.json")) ?? {};
  const own = new Set(isJsonObject(id2label) ? Object.values(id2label) : []);
  const hasHead = Array.isArray(architectures) && architectures.some((name) => typeof name === "string" && name.endsWith(head));
  return hasHead && own.size === names.length && names.every((name) => own.has(name)) ? options : { ...options, labels: names };
}

const plainly = ({ loading, seed }: TaskSettings): PretrainedOptions => ({ ...loading, rng: new Rng(seed) });
