/** All that a training is between two steps, as one safetensors file: tensors, and the rest as a text note. */
import { ArgumentError, type Checkpoint, type Optimizer, Parameter, type Tensor } from "@x/layers";
import { isJsonObject, type Json, type JsonObject, parseJson, type TensorSource } from "@x/layers/model";
import type { BatchCursor } from "../data/batches.ts";
import type { WeightAverage } from "./average.ts";
import type { Evaluation } from "./evaluate.ts";
import type { RngState } from "./rngs.ts";

/** The best evaluation so far. */
export interface Best {
  /** After this many steps. */
  readonly step: number;
  readonly evaluation: Evaluation;
}

/** What isn't a tensor. */
export interface RunState {
  readonly step: number;
  /** Whether there is nothing left to do. */
  readonly finished: boolean;
  readonly cursor: BatchCursor;
  readonly rngs: readonly RngState[];
  /** How often the optimizer stepped, and moved each parameter. */
  readonly optimizer: { readonly steps: number; readonly moved: readonly number[] };
  readonly best?: Best | undefined;
  /** Evaluations since then. */
  readonly stale: number;
  /** What it took so far. */
  readonly seconds: number;
  /** What the run was begun with, for whoever goes on to be asked for the same. */
  readonly settings: Settings;
}

export type Settings = Readonly<Record<string, number>>;

/** Whose tensors go into a checkpoint. */
export interface Trained {
  /** What is trained, by name. */
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** What else changes while the model is trained: running statistics. */
  readonly buffers: ReadonlyMap<string, Tensor>;
  readonly average: WeightAverage | undefined;
  readonly optimizer: Optimizer;
}

/** The key of the state among the file's notes. */
const NOTE = "fit";

/** Everything by its name in the file. */
export function tensorsOf({ parameters, buffers, average, optimizer }: Trained): Map<string, TensorSource> {
  const tensors = new Map<string, TensorSource>();
  const put = (name: string, tensor: Tensor): unknown => tensors.set(name, { shape: tensor.shape, view: () => tensor.data });
  for (const [name, parameter] of parameters) {
    put(`weights.${name}`, parameter);
    const mean = average?.of(parameter);
    if (mean) put(`average.${name}`, mean);
  }
  for (const [name, buffer] of buffers) put(`buffers.${name}`, buffer);
  for (const [i, { moments }] of optimizer.state().parameters.entries()) {
    for (const [m, values] of moments.entries()) tensors.set(`moments.${i}.${m}`, { shape: [values.length], view: () => values });
  }
  return tensors;
}

export const notesOf = (state: RunState): Readonly<Record<string, string>> => ({ [NOTE]: JSON.stringify(state) });

/** @throws ArgumentError when it is no checkpoint of a run, or its note is damaged */
export function stateIn(checkpoint: Pick<Checkpoint, "label" | "metadata">): RunState {
  const note = checkpoint.metadata.get(NOTE);
  if (note === undefined) throw new ArgumentError("fit", "checkpoints are those of a run", `${checkpoint.label} is none`);
  const state = parseJson(note, "the note of its state", checkpoint);
  if (isRunState(state)) return state;
  throw new ArgumentError("fit", "a checkpoint says where its run stands", `the note in ${checkpoint.label} is damaged`);
}

function isRunState(state: Partial<RunState> | JsonObject): state is RunState {
  const isList = (value: unknown, isOne: (one: unknown) => boolean): boolean => Array.isArray(value) && value.every(isOne);
  const isObject = (value: unknown): value is JsonObject => isJsonObject(value as Json | undefined);
  const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0;
  const { step, finished, cursor, rngs, optimizer, best, stale, seconds, settings } = state;
  return (
    [step, stale].every(isCount) &&
    typeof finished === "boolean" &&
    isObject(cursor) &&
    [cursor["epoch"], cursor["batch"]].every(isCount) &&
    isList(rngs, (one) => isObject(one) && typeof one["seed"] === "number" && typeof one["state"] === "number") &&
    isObject(optimizer) &&
    isCount(optimizer["steps"]) &&
    isList(optimizer["moved"], isCount) &&
    (best === undefined || (isObject(best) && isCount(best["step"]) && isObject(best["evaluation"]))) &&
    typeof seconds === "number" &&
    isObject(settings)
  );
}

/** Puts everything back. @throws CheckpointError, and ArgumentError, before anything is written, when it is another model's */
export async function restore(
  { parameters, buffers, average, optimizer }: Trained,
  checkpoint: Checkpoint,
  state: RunState,
): Promise<void> {
  const { steps, moved } = state.optimizer;
  const kept = [...checkpoint.entries.keys()].filter((name) => name.startsWith("weights."));
  const unknown = kept.find((name) => !parameters.has(name.slice("weights.".length)));
  if (unknown !== undefined || kept.length !== parameters.size)
    throw new ArgumentError(
      "fit",
      `the run trains ${kept.length} parameters`,
      `${parameters.size} others came${unknown === undefined ? "" : `, without ${unknown.slice("weights.".length)}`}`,
    );
  const moments = moved.map((_, i) => {
    const names = [0, 1].map((m) => `moments.${i}.${m}`).filter((name) => checkpoint.entries.has(name));
    return names.map((name) => [name, new Float32Array(checkpoint.entries.get(name)?.shape[0] ?? 0)] as const);
  });
  const tensors = [
    ...[...parameters].map(([name, parameter]) => [`weights.${name}`, parameter] as const),
    ...[...parameters].flatMap(([name, parameter]) => {
      const mean = average?.of(parameter);
      return mean ? [[`average.${name}`, mean] as const] : [];
    }),
    ...[...buffers].map(([name, buffer]) => [`buffers.${name}`, buffer] as const),
  ];
  await checkpoint.readInto([
    ...tensors.map(([name, tensor]) => [name, { shape: tensor.shape, view: () => tensor.data }] as const),
    ...moments.flat().map(([name, values]) => [name, { shape: [values.length], view: () => values }] as const),
  ]);
  const states = moments.map((found, i) => ({ steps: moved[i] ?? 0, moments: found.map(([, values]) => values) }));
  optimizer.loadState({ steps, parameters: states });
}

/** Weights and statistics alone, of the best step, say: averages of weights rather than weights, where there are any. */
export async function readWeights({ parameters, buffers }: Trained, checkpoint: Checkpoint): Promise<void> {
  const stem = [...checkpoint.entries.keys()].some((name) => name.startsWith("average.")) ? "average" : "weights";
  const tensors = [
    ...[...parameters].map(([name, parameter]) => [`${stem}.${name}`, parameter] as const),
    ...[...buffers].map(([name, buffer]) => [`buffers.${name}`, buffer] as const),
  ];
  await checkpoint.readInto(tensors.map(([name, tensor]) => [name, { shape: tensor.shape, view: () => tensor.data }]));
}

/** A model's tensors that are no parameters. */
export const buffersOf = (state: ReadonlyMap<string, Tensor>): Map<string, Tensor> =>
  new Map([...state].filter(([, tensor]) => !(tensor instanceof Parameter)));
