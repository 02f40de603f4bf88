/** A model in a worker, as endpoints see it. */
import { ArgumentError, type SourceLocation } from "@x/layers";
import { findClass, openSource, shown } from "@x/layers/model";
import { Tokenizer, type TextClassification } from "@x/models-nlp";
import { textFamilies } from "@x/models-nlp/auto";
import type { ModelWorker, RemoteOptions } from "@x/worker";
import { Batcher, type BatcherOptions } from "./batcher.ts";

/** A text that is embedded or judged; what is too long is cut, or refused. */
export interface Asked<Input> {
  readonly input: Input;
  readonly truncate: boolean;
}

export type TextPair = readonly [first: string, second: string];

export interface ServedModel extends Disposable {
  /** What requests call it. */
  readonly name: string;
  /** Hugging Face's `model_type`. */
  readonly family: string;
  /** Most tokens of a text. */
  readonly maxLength: number;
  /** What stands before texts of a kind. */
  readonly prompts: Readonly<Record<string, string>>;
  countTokens(texts: readonly string[]): number;
  /** Inputs that wait. */
  readonly waiting: number;
  /** Vectors of length 1, or as the model gives them. */
  readonly embed?: Batcher<Asked<string>, Float32Array> | undefined;
  /** Logits of a query with a text. */
  readonly rerank?: Batcher<Asked<TextPair>, number> | undefined;
  /** Labels with their probabilities, the likeliest first. */
  readonly predict?: Batcher<Asked<string | TextPair>, readonly TextClassification[]> | undefined;
}

export interface ServeModelOptions extends RemoteOptions {
  /** What requests call it. Default: where it comes from. */
  readonly name?: string | undefined;
}

/**
 * Loads a model into a worker for what it can do: a classifier of one output is a reranker, of several a classifier; any other encoder embeds.
 * @throws CheckpointError as `load` does
 */
export async function openServed(
  worker: ModelWorker,
  where: SourceLocation,
  batching: BatcherOptions,
  { name = String(where), ...options }: ServeModelOptions = {},
): Promise<ServedModel> {
  const source = await openSource(where, options);
  const found = await findClass(source, textFamilies, undefined, options).catch(() => undefined); // CLIP isn't one of them, and embeds
  const tokenizer = await Tokenizer.fromSource(source);
  const task =
    found?.head === "ForSequenceClassification"
      ? await judge(worker, where, options, batching)
      : await embedder(worker, where, options, batching);
  const batchers = [task.embed, task.rerank, task.predict].flatMap((batcher) => batcher ?? []);
  const { maxPositionEmbeddings, maxLength } = task.config as Partial<Readonly<Record<"maxPositionEmbeddings" | "maxLength", number>>>;
  return {
    ...task,
    name,
    family: found?.family ?? "clip",
    maxLength: Math.min(maxLength ?? tokenizer.maxLength ?? Infinity, maxPositionEmbeddings ?? Infinity), // a sentence encoder's files say it
    countTokens: (texts) => tokenizer.encodeBatch(texts, { maxLength: Infinity }).reduce((sum, { ids }) => sum + ids.length, 0),
    get waiting() {
      return batchers.reduce((sum, { length }) => sum + length, 0);
    },
  };
}

type Task = Pick<ServedModel, "embed" | "rerank" | "predict" | "prompts" | keyof Disposable> & { readonly config: object };

async function embedder(worker: ModelWorker, where: SourceLocation, options: RemoteOptions, batching: BatcherOptions): Promise<Task> {
  const pipeline = await worker.pipeline("feature-extraction", where, options);
  const { config, prompts = {} } = pipeline.model;
  return {
    config,
    prompts,
    embed: new Batcher(
      byTruncation((texts: readonly string[], truncation) => pipeline([...texts], { truncation, prompt: "" })),
      batching,
    ),
    [Symbol.dispose]: pipeline.dispose,
  };
}

async function judge(worker: ModelWorker, where: SourceLocation, options: RemoteOptions, batching: BatcherOptions): Promise<Task> {
  const pipeline = await worker.pipeline("text-classification", where, options);
  const { config } = pipeline.model;
  const labels = Object.keys((config as { readonly id2label: object }).id2label).length;
  const shared = { config, prompts: {}, [Symbol.dispose]: pipeline.dispose };
  if (labels > 1) {
    const all = byTruncation<string | TextPair, readonly TextClassification[]>((texts, truncation) =>
      pipeline([...texts], { truncation, topK: labels }),
    );
    return { ...shared, predict: new Batcher(all, batching) };
  }
  pipeline.dispose();
  const ranking = await worker.pipeline("text-ranking", where, options);
  const score = byTruncation(async (pairs: readonly TextPair[], truncation) => {
    const scores = new Array<number>(pairs.length).fill(0);
    for (const [query, places] of groupedBy(pairs, ([first]) => first)) {
      const passages = places.map((place) => pairs[place]?.[1] ?? "");
      for (const { index, score: found } of await ranking(query, passages, { truncation, activation: "identity" }))
        scores[places[index] ?? 0] = found;
    }
    return scores;
  });
  return { ...shared, rerank: new Batcher(score, batching), [Symbol.dispose]: ranking.dispose };
}

/** Of a batch, those that may be cut and those that may not go apart: it is said for a call, not for a text. */
const byTruncation =
  <Input, Output>(run: (inputs: readonly Input[], truncation: "longestFirst" | "error") => Promise<readonly Output[]>) =>
  async (asked: readonly Asked<Input>[]): Promise<readonly Output[]> => {
    const outputs = new Array<Output>(asked.length);
    for (const [truncate, places] of groupedBy(asked, (one) => one.truncate)) {
      const inputs = places.flatMap((place) => asked[place] ?? []).map(({ input }) => input);
      const results = await run(inputs, truncate ? "longestFirst" : "error");
      for (const [i, place] of places.entries()) outputs[place] = results[i] as Output;
    }
    return outputs;
  };

/** Places in a list by what their items have in common. */
function groupedBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): ReadonlyMap<Key, readonly number[]> {
  const groups = new Map<Key, number[]>();
  for (const [place, item] of items.entries()) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), place]);
  return groups;
}

/** @throws ArgumentError when no model here can do it, or none of that name */
export function modelFor<Doing extends "embed" | "rerank" | "predict">(
  models: readonly ServedModel[],
  doing: Doing,
  name: unknown,
): ServedModel & { readonly [Key in Doing]-?: NonNullable<ServedModel[Doing]> } {
  const able = models.filter((model) => model[doing]);
  const chosen =
    (typeof name === "string" ? able.find((model) => model.name === name) : undefined) ?? (able.length === 1 ? able[0] : undefined);
  if (chosen) return chosen as ReturnType<typeof modelFor<Doing>>;
  const names = able.map((model) => model.name).join(", ") || "none";
  throw new ArgumentError(
    "model",
    `the models that can ${doing} here are ${names}`,
    `${name === undefined ? "none" : shown(name)} was asked for`,
  );
}
