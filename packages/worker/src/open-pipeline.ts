import { ArgumentError, type PretrainedOptions, type SourceLocation } from "@x/layers";
import { findClass, openSource, type PretrainedModel, shown } from "@x/layers/model";

/** A pipeline of whichever task. */
export interface AnyPipeline {
  (...words: readonly unknown[]): Promise<unknown>;
  readonly model: PretrainedModel<object>;
  dispose(): void;
}

const texts = [
  "fill-mask",
  "ner",
  "question-answering",
  "sentiment-analysis",
  "text-classification",
  "text-ranking",
  "token-classification",
  "translation",
];

/** The pipeline of the package whose model it is: CLIP's, too, makes vectors of texts and of pictures. @throws ArgumentError when there is no such task */
export async function openPipeline(task: string, where: SourceLocation, options: PretrainedOptions): Promise<AnyPipeline> {
  if (texts.includes(task)) return opened((await import("@x/models-nlp/auto")).pipeline(task as "fill-mask", where, options));
  if (task === "image-classification") return opened((await import("@x/models-vision/auto")).pipeline(task, where, options));
  if (task === "zero-shot-image-classification") return opened((await import("@x/clip/auto")).pipeline(task, where, options));
  if (task !== "feature-extraction" && task !== "image-feature-extraction") {
    const all = [...texts, "image-classification", "feature-extraction", "image-feature-extraction", "zero-shot-image-classification"];
    throw new ArgumentError("pipeline", `tasks are ${all.join(", ")}`, `${shown(task)} came`);
  }
  const source = await openSource(where, options);
  const { imageTextFamilies } = await import("@x/clip/auto");
  const both = await findClass(source, imageTextFamilies, undefined, options).catch(() => undefined);
  if (both) return opened((await import("@x/clip/auto")).pipeline(task, source, options));
  return task === "feature-extraction"
    ? opened((await import("@x/models-nlp/auto")).pipeline(task, source, options))
    : opened((await import("@x/models-vision/auto")).pipeline(task, source, options));
}

/** Its functions take other things, each its own: what the main thread has been told by their types. */
const opened = async (pipeline: Promise<{ readonly model: object; dispose(): void }>): Promise<AnyPipeline> =>
  (await pipeline) as AnyPipeline;
