import type { PretrainedOptions, SourceLocation } from "@x/layers";
import { type FileSource, loadAuto, loadPretrained, type PretrainedModel } from "@x/layers/model";
import { textFamilies, type TextHeads } from "./families.ts";

/** Tasks as Hugging Face's library calls them, each with the head that it needs. */
export const headOf = {
  "feature-extraction": "SentenceEncoder",
  "fill-mask": "ForMaskedLM",
  ner: "ForTokenClassification",
  "question-answering": "ForQuestionAnswering",
  "sentiment-analysis": "ForSequenceClassification",
  "text-classification": "ForSequenceClassification",
  "text-ranking": "ForSequenceClassification",
  "token-classification": "ForTokenClassification",
  translation: "ForConditionalGeneration",
} as const;

export type TextTask = keyof typeof headOf;

/** A model that can do a task. */
export type TextModelFor<Task extends TextTask> = TextHeads[(typeof headOf)[Task]] & PretrainedModel<object>;

/**
 * A model of the class that its files name: `config.json` (`model_type` and `architectures`), sentence-transformers' `modules.json`, or an adapter's
 * `adapter_config.json`, whose base model is loaded and the adapter merged into it. Only that class' code is imported.
 * @param options.task whose class is wanted, whatever head the files name; of "feature-extraction" a SentenceEncoder
 * @throws CheckpointError when it is no such model, and says what is known; else as `fromPretrained` does
 */
export function load<Task extends TextTask>(
  where: SourceLocation | FileSource,
  options: PretrainedOptions & { readonly task: Task },
): Promise<TextModelFor<Task>>;
export function load(where: SourceLocation | FileSource, options?: PretrainedOptions): Promise<PretrainedModel<object>>;
export async function load(
  where: SourceLocation | FileSource,
  { task, ...options }: PretrainedOptions & { readonly task?: TextTask | undefined } = {},
): Promise<PretrainedModel<object>> {
  if (task !== "feature-extraction") return loadAuto(textFamilies, task && headOf[task], where, options);
  const { SentenceEncoder } = await import("../sentence-embedding/sentence-encoder.ts");
  return loadPretrained(SentenceEncoder, where, options);
}
