import { ArgumentError, type ItemErrors, type PretrainedOptions, type Ranked, type SourceLocation } from "@x/layers";
import { type EmbeddingPipeline, embeddingPipelineOf, type EmbeddingPrecision, type FileSource, shown } from "@x/layers/model";
import { embedText, type EmbedTextOptions } from "@x/models-nlp";
import { type Classification, type ClassifyOptions, embedImage, type EmbedImageOptions, type ImageInput } from "@x/models-vision";
import { zeroShot } from "../zero-shot.ts";
import { type ImageTextModel, load } from "./load.ts";

export interface ZeroShotPipelineOptions extends ClassifyOptions {
  /** See `zeroShot`. Default "A photo of a {label}." */
  readonly templates?: readonly string[] | undefined;
}

/** Images and labels → the labels with their probabilities, the likeliest first. */
export interface ZeroShotPipeline extends Disposable {
  (image: ImageInput, labels: readonly string[], options?: ZeroShotPipelineOptions): Promise<Ranked<Classification>>;
  (
    images: readonly ImageInput[],
    labels: readonly string[],
    options: ZeroShotPipelineOptions & ItemErrors,
  ): Promise<(Ranked<Classification> | undefined)[]>;
  (images: readonly ImageInput[], labels: readonly string[], options?: ZeroShotPipelineOptions): Promise<Ranked<Classification>[]>;
  readonly model: ImageTextModel;
  dispose(): void;
}

/** Tasks as Hugging Face's library calls them, each with what `pipeline` gives. */
export interface ImageTextPipelines {
  readonly "feature-extraction": EmbeddingPipeline<ImageTextModel, string, EmbedTextOptions<EmbeddingPrecision>>;
  readonly "image-feature-extraction": EmbeddingPipeline<ImageTextModel, ImageInput, EmbedImageOptions<EmbeddingPrecision>>;
  readonly "zero-shot-image-classification": ZeroShotPipeline;
}

export type ImageTextTask = keyof ImageTextPipelines;

const pipelines: { readonly [Task in ImageTextTask]: (model: ImageTextModel) => ImageTextPipelines[Task] } = {
  "feature-extraction": (model) => embeddingPipelineOf(model, embedText),
  "image-feature-extraction": (model) => embeddingPipelineOf(model, embedImage),
  "zero-shot-image-classification": zeroShotPipeline,
};

function zeroShotPipeline(model: ImageTextModel): ZeroShotPipeline {
  const free = (): void => model.dispose();
  const call = async (
    images: ImageInput | readonly ImageInput[],
    labels: readonly string[],
    { templates, ...options }: ZeroShotPipelineOptions = {},
  ): Promise<Ranked<Classification> | Ranked<Classification>[]> => {
    using classifier = await zeroShot(model, labels, { templates, signal: options.signal });
    return await classifier.classify(images, options);
  };
  return Object.assign(call as ZeroShotPipeline, { model, dispose: free, [Symbol.dispose]: free });
}

/**
 * A task's function with a model that its files name the class of: `const see = await pipeline("zero-shot-image-classification", where);
 * await see("cat.jpg", ["cat", "dog"])`. What is called with goes on to `zeroShot`, `embedImage` or `embedText`.
 * @throws ArgumentError when there is no such task
 * @throws CheckpointError as `load` does
 */
export async function pipeline<Task extends ImageTextTask>(
  task: Task,
  where: SourceLocation | FileSource,
  options: PretrainedOptions = {},
): Promise<ImageTextPipelines[Task]> {
  if (!Object.hasOwn(pipelines, task))
    throw new ArgumentError("pipeline", `tasks are ${Object.keys(pipelines).join(", ")}`, `${shown(task)} came`);
  return pipelines[task](await load(where, options));
}
