/** Every package's tasks by their names, and what they are from outside the worker. */
import type { PretrainedOptions, Ranked, SourceLocation } from "@x/layers";
import type { EmbeddingPipeline, Pipeline } from "@x/layers/model";
import type { ImageTextTask, ZeroShotPipelineOptions } from "@x/clip/auto";
import type { RankOptions, RankedPassage } from "@x/models-nlp";
import type { TextPipeline, TextTask } from "@x/models-nlp/auto";
import type { Classification, ImageInput } from "@x/models-vision";
import type { ImagePipeline, ImageTask } from "@x/models-vision/auto";

export type WorkerTask = TextTask | ImageTask | ImageTextTask;

/** What is known of a model that lives in a worker. */
export interface RemoteModel extends Disposable {
  readonly config: object;
  readonly notes: readonly string[];
  /** What a sentence encoder's files declare to stand before texts of a kind: `query`, `document`. */
  readonly prompts?: Readonly<Record<string, string>> | undefined;
}

/** Beside what a task's options are. */
export interface SendOptions {
  /** Gives inputs' bytes away instead of copying them: their buffers are empty afterwards. Default false. Results are never copied. */
  readonly transfer?: boolean | undefined;
}

type Remote<Local> =
  Local extends Pipeline<infer _Model, infer Input, infer Output, infer Options, infer Listed>
    ? Pipeline<RemoteModel, Input, Output, Options & SendOptions, Listed>
    : never;

type RemoteEmbedding<Local> =
  Local extends EmbeddingPipeline<infer _Model, infer Input, infer Options>
    ? EmbeddingPipeline<RemoteModel, Input, Options & SendOptions>
    : never;

export interface RemoteRanking extends Disposable {
  (query: string, passages: readonly string[], options?: RankOptions): Promise<RankedPassage[]>;
  readonly model: RemoteModel;
  dispose(): void;
}

export interface RemoteZeroShot extends Disposable {
  (image: ImageInput, labels: readonly string[], options?: ZeroShotPipelineOptions & SendOptions): Promise<Ranked<Classification>>;
  (
    images: readonly ImageInput[],
    labels: readonly string[],
    options?: ZeroShotPipelineOptions & SendOptions,
  ): Promise<Ranked<Classification>[]>;
  readonly model: RemoteModel;
  dispose(): void;
}

/** A task's function with its model in a worker: what the package's own `pipeline` gives, but for the model. */
export type RemotePipeline<Task extends WorkerTask> = Task extends "text-ranking"
  ? RemoteRanking
  : Task extends "zero-shot-image-classification"
    ? RemoteZeroShot
    : Task extends "feature-extraction"
      ? RemoteEmbedding<TextPipeline<Task>>
      : Task extends "image-feature-extraction"
        ? RemoteEmbedding<ImagePipeline<Task>>
        : Task extends TextTask
          ? Remote<TextPipeline<Task>>
          : Task extends ImageTask
            ? Remote<ImagePipeline<Task>>
            : never;

/** What `pipeline` takes beside what functions can be left behind. */
export type RemoteOptions = Omit<PretrainedOptions, "fetch" | "rng">;

export type { SourceLocation };
