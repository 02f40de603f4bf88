/** A checkpoint in several files: `….index.json` tells which tensor lies in which. */

import { CheckpointError, quote } from "../files/checkpoint-error.ts";
import { checkFileName } from "../files/file-name.ts";
import { isObject, parseJsonObject } from "../formats/json.ts";
import type { StoredTensor, TensorFile } from "../formats/stored-tensor.ts";

export interface ShardIndex {
  /** Each tensor's file. */
  readonly weightMap: ReadonlyMap<string, string>;
  /** Which save it is of, where whoever saved tells. */
  readonly save: string | undefined;
}

/**
 * Parses the index.
 * @param file the index's name, for messages
 * @throws CheckpointError when it is malformed, empty, or a file lies outside of the folder
 */
export function parseShardIndex(bytes: Uint8Array, file: string): ShardIndex {
  const { weight_map: map, metadata } = parseJsonObject(bytes, file, "index");
  if (!isObject(map)) throw new CheckpointError("the index has no weight_map", { file });
  const weightMap = new Map<string, string>();
  for (const [name, shard] of Object.entries(map)) {
    if (typeof shard !== "string")
      throw new CheckpointError("its file's name is not text", { file, tensor: name, found: JSON.stringify(shard) });
    weightMap.set(name, checkFileName(shard, file));
  }
  if (weightMap.size === 0) throw new CheckpointError("the index's weight_map is empty", { file });
  const save = isObject(metadata) ? metadata["save"] : undefined;
  return { weightMap, save: typeof save === "string" ? save : undefined };
}

/** The files of the shards, each once. */
export const shardsOf = ({ weightMap }: ShardIndex): readonly string[] => [...new Set(weightMap.values())].sort();

/**
 * Puts the shards together. Tensors that the index forgot are taken along.
 * @throws CheckpointError when a tensor isn't in the file that the index says, or is in two, or the files are of several saves
 */
export function joinShards({ weightMap, save }: ShardIndex, shards: ReadonlyMap<string, TensorFile>, file: string): TensorFile {
  const tensors = new Map<string, StoredTensor>();
  const metadata = new Map<string, string>();
  const homes = new Map<string, string>();
  for (const [shard, content] of shards) {
    const found = content.metadata.get("save");
    if (found !== save) {
      const problem = `${quote(shard)} is of another save than the index: a copy or a save was broken off; copy or save all files again`;
      throw new CheckpointError(problem, { file, expected: `save ${save ?? "without an id"}`, found: found ?? "none" });
    }
    for (const [name, tensor] of content.tensors) {
      const other = homes.get(name);
      if (other !== undefined) throw new CheckpointError(`it is in two files, ${quote(other)} and ${quote(shard)}`, { file, tensor: name });
      homes.set(name, shard);
      tensors.set(name, tensor);
    }
    for (const [key, text] of content.metadata) metadata.set(key, text);
  }
  for (const [name, shard] of weightMap) {
    if (homes.get(name) === shard) continue;
    const home = homes.get(name);
    const found = home === undefined ? "in none" : `in ${quote(home)}`;
    throw new CheckpointError("it is not in the file that the index says", { file, tensor: name, expected: quote(shard), found });
  }
  return { tensors, metadata };
}
