import type { Checkpoint } from "@x/layers";
import type { TensorSource } from "@x/layers/model";

/** Where a run keeps its files. A folder on a disk and a directory handle are there; another place (a database, a server) is an object like this. */
export interface RunStorage {
  /** Names of the files. */
  list(): Promise<readonly string[]>;
  /** Tensors as a safetensors file with text notes: whole, or not at all, whatever happens. An earlier file of this name stays until then. */
  saveTensors(name: string, tensors: ReadonlyMap<string, TensorSource>, notes: Readonly<Record<string, string>>): Promise<void>;
  openTensors(name: string): Promise<Checkpoint>;
  /** @returns undefined where there is no such file */
  readText(name: string): Promise<string | undefined>;
  /** Whole, or not at all. */
  writeText(name: string, text: string): Promise<void>;
  /** At the end of a file, which may be new. It may be cut off where the process is killed. */
  appendText(name: string, text: string): Promise<void>;
  /** Where it isn't there, nothing happens. */
  remove(name: string): Promise<void>;
}

/** The stem of a safetensors file. @internal */
export const stemOf = (name: string): string => name.replace(/\.safetensors$/, "");
