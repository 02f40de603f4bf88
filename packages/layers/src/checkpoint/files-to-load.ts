/** What loading a place would fetch, told before it is loaded. */
import { CheckpointError, quote } from "../files/checkpoint-error.ts";
import { type FileSize, type FileSource, isFileSource } from "../files/file-source.ts";
import { isText } from "../files/limits.ts";
import { openSource, type SourceLocation } from "../files/source.ts";
import { readBytes } from "../files/source-file.ts";
import { checkOptions } from "../options.ts";
import { type CheckpointOptions, checkpointRules, findCheckpoint } from "./checkpoint.ts";
import { parseShardIndex, shardsOf } from "./shard-index.ts";

/** A file that a model is loaded from. */
export interface FileToLoad extends FileSize {
  readonly name: string;
}

/** Settings and vocabularies: beside the weights, or in a folder of sentence-transformers' such as `1_Pooling`. */
const isBeside = (name: string): boolean => /^(\d+_\w+\/)?[^/]+$/.test(name) && isText(name) && !name.endsWith(".md");

/**
 * The files that a model is loaded from, with their sizes and whether they are kept here: its weights first, then settings and vocabularies, of which a model
 * reads those that it needs. Nothing is loaded but the index of weights in shards. What is still to come is `files.filter((file) => !file.cached)`; of an
 * adapter these are its own files.
 * @throws CheckpointError as `openCheckpoint`
 */
export async function filesToLoad(where: SourceLocation | FileSource, options: CheckpointOptions = {}): Promise<readonly FileToLoad[]> {
  checkOptions("filesToLoad", options, checkpointRules);
  const source = isFileSource(where) ? where : await openSource(where, options);
  const adapter = ["adapter_model.safetensors", "adapter_model.bin"];
  const weights = options.file ?? source.file ?? (await firstOf(source, adapter)) ?? (await findCheckpoint(source));
  const names = [weights, ...(weights.endsWith(".index.json") ? await shardNames(source, weights, options.signal) : [])];
  for (const name of (await source.list?.()) ?? []) if (isBeside(name) && !names.includes(name)) names.push(name);
  const files: FileToLoad[] = [];
  for (const name of names) {
    const size = await sizeIn(source, name);
    if (!size) throw new CheckpointError(`there is no ${quote(name)}`, { file: source.label });
    files.push({ name, ...size });
  }
  return files;
}

async function firstOf(source: FileSource, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) if (await source.has(name)) return name;
  return undefined;
}

async function shardNames(source: FileSource, name: string, signal: AbortSignal | undefined): Promise<readonly string[]> {
  const index = await source.open(name);
  const folder = name.slice(0, name.lastIndexOf("/") + 1);
  return shardsOf(parseShardIndex(await readBytes(index, 0, index.size, signal), index.label)).map((shard) => folder + shard);
}

/** What has no opinion of its own lies on this disk, or in memory. */
async function sizeIn(source: FileSource, name: string): Promise<FileSize | undefined> {
  if (source.sizeOf) return source.sizeOf(name);
  return (await source.has(name)) ? { bytes: (await source.open(name)).size, cached: true } : undefined;
}
