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
import type { ImageInput } from "../image/input.ts";
import type { Classification, ClassifyOptions } from "../tasks/classify.ts";
import type { EmbedImageOptions } from "../tasks/embed-image.ts";
import { headOf, type ImageModelFor, type ImageTask, load } from "./load.ts";

interface Pipelines {
  readonly "image-classification": Pipeline<ImageModelFor<"image-classification">, ImageInput, Ranked<Classification>, ClassifyOptions>;
  readonly "image-feature-extraction": EmbeddingPipeline<
    ImageModelFor<"image-feature-extraction">,
    ImageInput,
    EmbedImageOptions<EmbeddingPrecision>
  >;
}

/** What `pipeline` gives for a task: its function with a model. */
export type ImagePipeline<Task extends ImageTask> = Pipelines[Task];

type Place = SourceLocation | FileSource;

const pipelines: { readonly [Task in ImageTask]: (where: Place, options: PretrainedOptions) => Promise<ImagePipeline<Task>> } = {
  "image-classification": async (where, options) =>
    pipelineOf(await load(where, { ...options, task: "image-classification" }), (await import("../tasks/classify.ts")).classify),
  "image-feature-extraction": async (where, options) =>
    embeddingPipelineOf(
      await load(where, { ...options, task: "image-feature-extraction" }),
      (await import("../tasks/embed-image.ts")).embedImage,
    ),
};

/**
 * A task's function with a model that its files name the class of: `const see = await pipeline("image-classification", where); await see("cat.jpg")`. What is
 * called with goes on to `classify` or `embedImage`.
 * @throws ArgumentError when there is no such task
 * @throws CheckpointError as `load` does
 */
export async function pipeline<Task extends ImageTask>(
  task: Task,
  where: Place,
  options: PretrainedOptions = {},
): Promise<ImagePipeline<Task>> {
  if (!Object.hasOwn(headOf, task))
    throw new ArgumentError("pipeline", `tasks are ${Object.keys(headOf).join(", ")}`, `${shown(task)} came`);
  return pipelines[task](where, options);
}
