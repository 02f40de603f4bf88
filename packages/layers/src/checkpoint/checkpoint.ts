/** The door: finds a checkpoint's files, tells what is in them, and reads tensors into memory. */

import { CheckpointError, listed, quote } from "../files/checkpoint-error.ts";
import { type FileSource, isFileSource } from "../files/file-source.ts";
import { isPickle, isZip } from "../formats/first-bytes.ts";
import { isSafetensors, readSafetensors } from "../formats/safetensors-reader.ts";
import { withNames, withoutWrappers } from "./entry-names.ts";
import { joinShards, parseShardIndex, shardsOf } from "./shard-index.ts";
import { aText, type RulesOf, textsByName } from "../options.ts";
import { openSource, type SourceLocation, type SourceOptions, sourceRules } from "../files/source.ts";
import { readBytes, refuseForeign, type SourceFile } from "../files/source-file.ts";
import type { TensorFile } from "../formats/stored-tensor.ts";
import { type Checkpoint, OpenCheckpoint } from "./contents.ts";

export interface CheckpointOptions extends SourceOptions {
  /** The file to open. Default the first that is there, in the order of Hugging Face's library; see `openCheckpoint`. */
  readonly file?: string | undefined;
  /**
   * Other names for entries, for weights that a module of one's own held: `{ "backbone.*": "*", "fc.*": "classifier.*" }`. `*` is any text, `{i}` a number; of
   * several patterns that fit a name the first counts. Default: the file's names.
   */
  readonly rename?: Readonly<Record<string, string>> | undefined;
}

export const checkpointRules: RulesOf<CheckpointOptions> = { ...sourceRules, file: aText, rename: textsByName };

/**
 * Opens a checkpoint: safetensors, or PyTorch's `.bin`, `.pt`, `.pth`, `.ckpt` (zip, TorchScript and the form before 1.6), in one file or several.
 * In a folder or repository, in this order: `model.safetensors`, `model.safetensors.index.json`, `pytorch_model.bin`,
 * `pytorch_model.bin.index.json`, else the only `.safetensors`, else the only one of PyTorch's. What a file is, its first bytes tell.
 * What `DataParallel` and `torch.compile` put before names (`module.`, `_orig_mod.`) is left out.
 * No pickle is ever executed.
 * @throws CheckpointError when there is none or several to choose from, or the file is damaged or asks for more than data
 */
export async function openCheckpoint(where: SourceLocation | FileSource, options: CheckpointOptions = {}): Promise<Checkpoint> {
  const { signal } = options;
  const source = isFileSource(where) ? where : await openSource(where, options);
  const name = options.file ?? source.file ?? (await findCheckpoint(source));
  await source.prepare?.([name]);
  const file = await source.open(name);
  const head = await readBytes(file, 0, Math.min(16, file.size), signal);
  const isIndex = head[0] === 0x7b && !isSafetensors(head);
  const content = isIndex ? await readShards(source, file, name, signal) : await readTensorFile(file, head, signal);
  const label = isFileSource(where) || source.file === undefined ? `${source.label}: ${name}` : file.label;
  const checkpoint = withoutWrappers(new OpenCheckpoint(label, content));
  return options.rename ? withNames(checkpoint, options.rename) : checkpoint;
}

const inOrder = ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"] as const;

/** What training scripts leave beside the weights. */
const notWeights = /^(training_args|optimizer|scheduler|scaler|rng_state.*|random_states.*)\.\w+$/;

export async function findCheckpoint(source: FileSource): Promise<string> {
  for (const name of inOrder) if (await source.has(name)) return name;
  const names = (await source.list?.()) ?? [];
  const weights = names.filter((name) => /\.(safetensors|bin|(pt|pth|ckpt)(\.tar)?)$/.test(name) && !notWeights.test(name));
  const safetensors = weights.filter((name) => name.endsWith(".safetensors"));
  const candidates = safetensors.length > 0 ? safetensors : weights;
  const [only] = candidates;
  if (candidates.length === 1 && only !== undefined) return only;
  const others = names.filter((name) => /\.(h5|keras|msgpack|onnx|gguf|tflite|pb|ckpt\.index)$/.test(name));
  const none =
    others.length === 0
      ? "no checkpoint is there"
      : `no checkpoint is there that can be read: ${listed(others.map(quote))} must be converted to safetensors with the library that wrote it`;
  const problem = candidates.length === 0 ? none : "there are several checkpoints; name one with the option `file`";
  const found = source.list ? listed((candidates.length === 0 ? names : candidates).map(quote)) || "no file" : undefined;
  throw new CheckpointError(problem, { file: source.label, expected: inOrder.join(" or "), found });
}

/** PyTorch's readers are loaded when a file of theirs first comes. */
async function readTensorFile(file: SourceFile, head: Uint8Array, signal?: AbortSignal): Promise<TensorFile> {
  if (isZip(head)) return (await import("../formats/pytorch/reader.ts")).readPyTorch(file, signal);
  if (!isSafetensors(head)) await refuseForeign(await readBytes(file, 0, Math.min(512, file.size), signal), file.label);
  if (isSafetensors(head) || !isPickle(head)) return readSafetensors(file, signal);
  return (await import("../formats/pytorch/legacy.ts")).readLegacyPyTorch(file, signal);
}

/** An index is small; 100 MB is the limit of a safetensors header, too. */
const longestIndex = 100_000_000;

async function readShards(source: FileSource, index: SourceFile, name: string, signal?: AbortSignal): Promise<TensorFile> {
  if (index.size > longestIndex)
    throw new CheckpointError("the index is beyond 100 MB", { file: index.label, found: `${index.size} bytes` });
  const shardIndex = parseShardIndex(await readBytes(index, 0, index.size, signal), index.label);
  const folder = name.slice(0, name.lastIndexOf("/") + 1);
  const names = shardsOf(shardIndex);
  for (const shard of names) {
    if (!(await source.has(folder + shard)))
      throw new CheckpointError(`the file ${quote(shard)} that the index names is absent`, { file: index.label });
  }
  await source.prepare?.(names.map((shard) => folder + shard));
  const shards = new Map<string, TensorFile>();
  for (const shard of names) {
    const file = await source.open(folder + shard);
    shards.set(shard, await readTensorFile(file, await readBytes(file, 0, Math.min(16, file.size), signal), signal));
  }
  return joinShards(shardIndex, shards, index.label);
}
