import { type Checkpoint, type CheckpointOptions, openCheckpoint } from "../io/checkpoint.ts";
import { CheckpointError } from "../io/checkpoint-error.ts";
import { type FileSource, isFileSource } from "../io/file-source.ts";
import { type LoadOptions, type LoadReport, loadWeights } from "../io/load-weights.ts";
import { type SaveLocation, type SaveOptions } from "../io/save-safetensors.ts";
import { saveWeights } from "../io/save-weights.ts";
import { openSource, type SourceLocation } from "../io/source.ts";
import type { WeightLayout } from "../io/weight-table.ts";
import type { Module } from "../nn/module.ts";
import type { Json, JsonObject } from "./config-keys.ts";

export interface PretrainedOptions extends CheckpointOptions, LoadOptions {}

/** A model as the hub has it: a configuration and a checkpoint side by side, in a folder, at an address, in a repository, or in memory. */
export interface PretrainedFiles {
  readonly source: FileSource;
  readonly config: JsonObject;
  readonly checkpoint: Checkpoint;
  /** Another JSON file beside them; undefined when there is none. @throws CheckpointError when it isn't a JSON object */
  readJson(name: string): Promise<JsonObject | undefined>;
}

/** @throws CheckpointError when there is no config.json or no checkpoint, or one of them is damaged */
export async function openPretrained(where: SourceLocation | FileSource, options: PretrainedOptions = {}): Promise<PretrainedFiles> {
  const source = isFileSource(where) ? where : await openSource(where, options);
  const readJson = async (name: string): Promise<JsonObject | undefined> =>
    (await source.has(name)) ? parseObject(source, name) : undefined;
  const config = await parseObject(source, "config.json");
  return { source, config, checkpoint: await openCheckpoint(source, options), readJson };
}

/** Fills a module from a checkpoint. It is disposed of if that fails. Throws as `loadWeights` does. */
export async function loadModule(
  module: Module,
  checkpoint: Checkpoint,
  layouts: readonly WeightLayout[],
  options: LoadOptions = {},
): Promise<LoadReport> {
  try {
    return await loadWeights(weightsOf(module), checkpoint, layouts, options);
  } catch (error) {
    module.dispose();
    throw error;
  }
}

/** Writes a module's parameters as a checkpoint of that layout. Throws as `saveWeights` does. */
export function saveModule(
  module: Module,
  layout: WeightLayout,
  where: SaveLocation,
  options: SaveOptions = {},
): Promise<readonly string[]> {
  return saveWeights(weightsOf(module), layout, where, options);
}

/** A module's parameters and buffers as what can be read into and written from. */
export function weightsOf(module: Module): ReadonlyMap<string, { readonly shape: readonly number[]; view(): Float32Array }> {
  return new Map([...module.stateDict()].map(([path, tensor]) => [path, { shape: tensor.shape, view: () => tensor.data }]));
}

async function parseObject(source: FileSource, name: string): Promise<JsonObject> {
  const text = await source.readText(name);
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (cause) {
    throw new CheckpointError(`${name} is not JSON`, { file: source.label, cause });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new CheckpointError(`${name} is not a JSON object`, { file: source.label });
}
