import { ArgumentError, type PretrainedOptions, type Ranked, type SourceLocation } from "@x/layers";
import {
  type EmbeddingPipeline,
  embeddingPipelineOf,
  type EmbeddingPrecision,
  type FileSource,
  type Pipeline,
  pipelineOf,
  shown,
} from "@x/layers/model";
import type { Answer, AnswerOptions, Question } from "../tasks/answer.ts";
import type { ClassifyTextOptions, TextClassification, TextOrPair } from "../tasks/classify-text.ts";
import type { EmbedTextOptions } from "../tasks/embed-text.ts";
import type { Entity } from "../tasks/entities.ts";
import type { FilledMask, FillMaskOptions } from "../tasks/fill-mask.ts";
import type { RankedPassage, RankOptions } from "../tasks/rank.ts";
import type { TagTokensOptions } from "../tasks/tag-tokens.ts";
import type { TranslateOptions } from "../tasks/translate.ts";
import { headOf, load, type TextModelFor, type TextTask } from "./load.ts";

interface Signatures {
  readonly "fill-mask": [string, Ranked<FilledMask>, FillMaskOptions];
  readonly ner: [string, Entity[], TagTokensOptions];
  readonly "question-answering": [Question, Ranked<Answer>, AnswerOptions];
  readonly "sentiment-analysis": [string, Ranked<TextClassification>, ClassifyTextOptions, TextOrPair];
  readonly "text-classification": [string, Ranked<TextClassification>, ClassifyTextOptions, TextOrPair];
  readonly "token-classification": [string, Entity[], TagTokensOptions];
  readonly translation: [string, string, TranslateOptions];
}

/** `rank` with a reranker: passages by how well they answer a query, the best first. */
export interface RankingPipeline extends Disposable {
  (query: string, passages: readonly string[], options?: RankOptions): Promise<RankedPassage[]>;
  readonly model: TextModelFor<"text-ranking">;
  dispose(): void;
}

/** What `pipeline` gives for a task: its function with a model. */
export type TextPipeline<Task extends TextTask> = Task extends keyof Signatures
  ? Pipeline<
      TextModelFor<Task>,
      Signatures[Task][0],
      Signatures[Task][1],
      Signatures[Task][2],
      Signatures[Task] extends { readonly 3: infer Listed } ? Listed : Signatures[Task][0]
    >
  : Task extends "feature-extraction"
    ? EmbeddingPipeline<TextModelFor<"feature-extraction">, string, EmbedTextOptions<EmbeddingPrecision>>
    : RankingPipeline;

type Place = SourceLocation | FileSource;

const classifying = async (where: Place, options: PretrainedOptions): Promise<TextPipeline<"text-classification">> =>
  pipelineOf(await load(where, { ...options, task: "text-classification" }), (await import("../tasks/classify-text.ts")).classifyText);
const tagging = async (where: Place, options: PretrainedOptions): Promise<TextPipeline<"token-classification">> =>
  pipelineOf(await load(where, { ...options, task: "token-classification" }), (await import("../tasks/tag-tokens.ts")).tagTokens);

async function ranking(where: Place, options: PretrainedOptions): Promise<RankingPipeline> {
  const model = await load(where, { ...options, task: "text-ranking" });
  const { rank } = await import("../tasks/rank.ts");
  const free = (): void => model.dispose();
  const call = (...words: Parameters<RankingPipeline>): Promise<RankedPassage[]> => rank(model, ...words);
  return Object.assign(call, { model, dispose: free, [Symbol.dispose]: free });
}

const pipelines: { readonly [Task in TextTask]: (where: Place, options: PretrainedOptions) => Promise<TextPipeline<Task>> } = {
  "feature-extraction": async (where, options) =>
    embeddingPipelineOf(await load(where, { ...options, task: "feature-extraction" }), (await import("../tasks/embed-text.ts")).embedText),
  "fill-mask": async (where, options) =>
    pipelineOf(await load(where, { ...options, task: "fill-mask" }), (await import("../tasks/fill-mask.ts")).fillMask),
  ner: tagging,
  "question-answering": async (where, options) =>
    pipelineOf(await load(where, { ...options, task: "question-answering" }), (await import("../tasks/answer.ts")).answer),
  "sentiment-analysis": classifying,
  "text-classification": classifying,
  "text-ranking": ranking,
  "token-classification": tagging,
  translation: async (where, options) =>
    pipelineOf(await load(where, { ...options, task: "translation" }), (await import("../tasks/translate.ts")).translate),
};

/**
 * A task's function with a model that its files name the class of: `const fill = await pipeline("fill-mask", where); await fill("a [MASK]")`. What is called
 * with goes on to `fillMask`, `answer`, `embedText`…; `feature-extraction` is `embedText`: one vector a text.
 * @throws ArgumentError when there is no such task
 * @throws CheckpointError as `load` does
 */
export async function pipeline<Task extends TextTask>(
  task: Task,
  where: Place,
  options: PretrainedOptions = {},
): Promise<TextPipeline<Task>> {
  if (!Object.hasOwn(headOf, task))
    throw new ArgumentError("pipeline", `tasks are ${Object.keys(headOf).join(", ")}`, `${shown(task)} came`);
  return pipelines[task](where, options);
}
