/**
 * One way onto the hub. A model's folder says what is its own, as a `Family`: what its weights are called, its configuration both ways, and what lies beside
 * the weights. Loading, saving, new heads and freeing what fails are written once: `loadPretrained`, `savePretrained`, and `PretrainedModel` on top of them.
 */
import { type CheckpointOptions, openCheckpoint } from "../checkpoint/checkpoint.ts";
import type { Checkpoint } from "../checkpoint/contents.ts";
import { withoutHolder } from "../checkpoint/entry-names.ts";
import type { FileContent } from "../checkpoint/save-safetensors.ts";
import type { WeightLayout } from "../checkpoint/weight-table.ts";
import { CheckpointError } from "../files/checkpoint-error.ts";
import type { FileSource } from "../files/file-source.ts";
import { type JsonObject, requireJson } from "../files/read-json.ts";
import type { Module } from "../nn/module.ts";
import type { Rng } from "../random.ts";
import type { Head } from "./head.ts";
import { checkKeys, type KeyTable } from "../formats/known-keys.ts";
import type { ModuleOptions } from "./module-weights.ts";

/** A model as the hub has it: a configuration and a checkpoint side by side, in a folder, at an address, in a repository, or in memory. */
export interface PretrainedFiles {
  readonly source: FileSource;
  /** `config.json`. */
  readonly config: JsonObject;
  readonly checkpoint: Checkpoint;
  /** What other files said in vain while these were found. Default nothing. */
  readonly notes?: readonly string[] | undefined;
}

/** @throws CheckpointError when there is no config.json or no checkpoint, or one of them is damaged */
export async function openPretrained(source: FileSource, options: CheckpointOptions): Promise<PretrainedFiles> {
  const config = await requireJson(source, "config.json");
  return { source, config, checkpoint: withoutHolder(await openCheckpoint(source, options)) };
}

/** What a family of models has of its own on the hub. `Model` is as much of them as it needs to know. */
export interface Family<Config, Model, Files extends PretrainedFiles = PretrainedFiles> {
  /** Finds the files: `openPretrained`, or how this family has them. */
  open(source: FileSource, options: CheckpointOptions): Promise<Files>;
  /** What `config.json` may say; where a family reads several forms of it, by what it says. */
  readonly keys: KeyTable | ((config: JsonObject) => KeyTable | Promise<KeyTable>);
  /** @throws CheckpointError when they are another family's, or ask for what can't be run */
  configFrom(files: Files): Config | Promise<Config>;
  /**
   * Entries that are one matrix or vector, whatever `tieWordEmbeddings` says. Where a checkpoint has both and they differ, it is taken for false, and a note says
   * so: Hugging Face's library ties nothing then. Default: none.
   */
  readonly ties?: readonly (readonly [name: string, other: string])[] | undefined;
  /** The `config.json` to save; undefined where another file says it all. */
  hubConfig(model: Model): JsonObject | undefined | Promise<JsonObject | undefined>;
  /** Keys of it that are written 1.0 where they are 1: Hugging Face's library takes no whole number for some floats. Default none. */
  readonly floats?: readonly string[] | undefined;
  /** What the caller wants otherwise than the files have it. Default: `{ ...found, ...wanted }`. */
  override?(found: Config, wanted: object): Config;
  /** What files call the weights of such a model. It is saved under the first, unless `savedAs` says otherwise. */
  layouts(config: Config): readonly [savedAs: WeightLayout, ...others: WeightLayout[]];
  /** What a model's weights are saved as, where that depends on what comes with it. */
  savedAs?(model: Model): WeightLayout;
  /** What adapters call them, the newest names first: see `LoRA`. Default: `layouts`. */
  adapterLayouts?(config: Config): readonly WeightLayout[];
  /** Whose weights the checkpoint has. Default: the model's own. */
  weights?(model: Model): Module;
  /** What `labels` make anew. Default: nothing. */
  readonly head?: Head<Config> | undefined;
  /** Patterns of parameters that a checkpoint may lack: they are made anew, and a note says so. Default: the head's. */
  readonly mayBeMissing?: readonly string[] | undefined;
  /** What lies beside the weights and comes with the model. Default: nothing. */
  readonly parts?: readonly FamilyPart<Model, Files>[] | undefined;
}

/** Something that lies beside the weights and comes with the model: an image processor, a tokenizer, settings. */
export interface FamilyPart<Model, Files extends PretrainedFiles = PretrainedFiles> {
  /** The model's properties that `read` fills. They throw when they are read, should this part ask for what isn't known here. */
  readonly properties: readonly string[];
  /** What the JSON files may say that it reads, by their names. */
  readonly keys?: Readonly<Record<string, KeyTable>> | undefined;
  /** @throws CheckpointError when a file is damaged or can't be read; any other error when it can't be followed, which costs the part but not the model */
  read(model: Model, files: Files, options: PartOptions): Promise<void>;
  /** What to save of it: files by name, `1_Pooling/config.json` being in a folder. */
  files(model: Model): FilesOfPart | Promise<FilesOfPart>;
}

export interface PartOptions extends ModuleOptions {
  /** What parameters that no file fills are drawn from. */
  readonly rng: Rng;
}

type FilesOfPart = Iterable<readonly [name: string, content: FileContent]>;

/** A class of models, such as `BertForMaskedLM`. `Given` is what its constructor takes for a config: some of the settings. */
export interface PretrainedClass<Given, Config, Model, Files extends PretrainedFiles> {
  new (config: Given, rng: Rng): Model;
  readonly family: Family<Config, NoInfer<Model>, Files>;
}

/**
 * Holds a `config.json` against what the family can follow.
 * @param file whose it is, for messages
 * @returns notes of keys that aren't known
 * @throws CheckpointError when it asks for what isn't here
 */
export async function checkConfig(
  { keys }: Pick<Family<never, never, never>, "keys">,
  config: JsonObject,
  file: string,
): Promise<string[]> {
  const table = typeof keys === "function" ? await keys(config) : keys;
  return checkKeys(config, table, (message) => new CheckpointError(message, { file }));
}

/** A JSON file as Hugging Face's library writes it. @param floats keys whose whole numbers are written with a point: 1.0 */
export function jsonText(json: object, floats: readonly string[] = []): string {
  const text = `${JSON.stringify(json, null, 2)}\n`;
  return floats.reduce((changed, key) => changed.replace(new RegExp(`^( *"${key}": -?\\d+)(?=,?$)`, "gm"), "$1.0"), text);
}
