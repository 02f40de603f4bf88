import { pathToFileURL } from "node:url";
import { isAbsolute } from "node:path";
import { ArgumentError, type PretrainedOptions } from "@x/layers";
import type { Json } from "@x/layers/model";
import type { ImageInput } from "@x/models-vision";
import type { Manifest, TaskKind } from "../job.ts";
import type { Cells, Columns } from "../row.ts";
import { embedding } from "./embed.ts";
import { picturesFrom, textsOf } from "./inputs.ts";
import type { Task } from "./task.ts";

type Opener = (manifest: Manifest, loading: PretrainedOptions) => Promise<Task>;

/** What all tasks but vectors hand on. */
const batchOf = ({ task }: Manifest, onDone: (items: number) => void) => ({
  batchSize: task.batchSize,
  onProgress: ({ done }: { readonly done: number }) => onDone(done),
});

const cuttingOf = ({ task }: Manifest) => ({ truncation: task.truncate === true ? ("longestFirst" as const) : ("error" as const) });

/** One class and its probability, or the likeliest as a list. */
interface Labelling {
  readonly columns: Columns;
  cells(found: readonly { readonly label: string; readonly probability: number }[]): Cells;
}

function labelling({ task: { topK = 1, into } }: Manifest): Labelling {
  const list = into ?? "labels";
  const one = into ?? "label";
  if (topK > 1)
    return { columns: { [list]: "json" }, cells: (found) => ({ [list]: found.map(({ label, probability }) => ({ label, probability })) }) };
  return {
    columns: { [one]: "string", probability: "number" },
    cells: ([best]) => ({ [one]: best?.label ?? null, probability: best?.probability ?? null }),
  };
}

const openers: { readonly [Kind in TaskKind]: Opener } = {
  embed: embedding,
  classify: async (manifest, loading) => {
    const { pipeline } = await import("@x/models-vision/auto");
    const see = await pipeline("image-classification", manifest.task.model, loading);
    return ofPictures(manifest, see.dispose, (files, options) => see(files, options));
  },
  "zero-shot": async (manifest, loading) => {
    const [{ zeroShot }, { load }] = await Promise.all([import("@x/clip"), import("@x/clip/auto")]);
    const { model, labels = [], templates } = manifest.task;
    const clip = await load(model, loading);
    const classifier = await zeroShot(clip, labels, { templates });
    const dispose = (): void => {
      classifier[Symbol.dispose]();
      clip.dispose();
    };
    return ofPictures(manifest, dispose, (files, options) => classifier.classify(files, options));
  },
  "classify-text": async (manifest, loading) => {
    const { pipeline } = await import("@x/models-nlp/auto");
    const judge = await pipeline("text-classification", manifest.task.model, loading);
    const { columns, cells } = labelling(manifest);
    const { topK = 1 } = manifest.task;
    const run: Task["run"] = async (items, onDone) =>
      (await judge(textsOf(items), { ...batchOf(manifest, onDone), ...cuttingOf(manifest), topK })).map(cells);
    return { columns, run, dispose: judge.dispose };
  },
  tag: async (manifest, loading) => {
    const { pipeline } = await import("@x/models-nlp/auto");
    const find = await pipeline("token-classification", manifest.task.model, loading);
    const { into = "entities" } = manifest.task;
    const run: Task["run"] = async (items, onDone) =>
      (await find(textsOf(items), { ...batchOf(manifest, onDone), ...cuttingOf(manifest) })).map((entities) => ({
        [into]: entities.map((entity): Json => ({ ...entity })),
      }));
    return { columns: { [into]: "json" }, run, dispose: find.dispose };
  },
  translate: async (manifest, loading) => {
    const { pipeline } = await import("@x/models-nlp/auto");
    const translate = await pipeline("translation", manifest.task.model, loading);
    const { into = "translation", from, to } = manifest.task;
    const run: Task["run"] = async (items, onDone) =>
      (await translate(textsOf(items), { ...batchOf(manifest, onDone), ...cuttingOf(manifest), from, to })).map((text) => ({
        [into]: text,
      }));
    return { columns: { [into]: "string" }, run, dispose: translate.dispose };
  },
  module: async ({ task: { model, options = {} } }) => {
    const { default: make } = (await import(isAbsolute(model) ? pathToFileURL(model).href : model)) as {
      readonly default?: (options: unknown) => Task | Promise<Task>;
    };
    if (typeof make !== "function") throw new ArgumentError("bulk", "a task's module exports a function by default", `${model} doesn't`);
    return await make(options);
  },
};

function ofPictures(
  manifest: Manifest,
  dispose: () => void,
  see: (
    files: readonly ImageInput[],
    options: ReturnType<typeof batchOf> & { readonly topK: number },
  ) => Promise<readonly (readonly { readonly label: string; readonly probability: number }[])[]>,
): Task {
  const { columns, cells } = labelling(manifest);
  const { topK = 1, batchSize = 8 } = manifest.task;
  const pictures = picturesFrom(manifest.base);
  const run: Task["run"] = async (items, onDone) => (await see(pictures(items), { ...batchOf(manifest, onDone), topK })).map(cells);
  return { columns, chunk: 4 * batchSize, run, dispose };
}

/** The task of a job, with its model. @throws as loading does */
export const openTask = (manifest: Manifest, loading: PretrainedOptions = {}): Promise<Task> =>
  openers[manifest.task.kind](manifest, { ...loading, dtype: manifest.task.dtype });
