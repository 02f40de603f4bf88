/** The door: finds a checkpoint's files, tells what is in them, and reads tensors into memory. */

import { CheckpointError, listed, quote } from "../files/checkpoint-error.ts";
import { aFunction, aSignal, aText, checkOptions, type RulesOf } from "../options.ts";
import { Cursor } from "../formats/cursor.ts";
import { bytesOf, commonName, elementCount } from "../formats/dtype.ts";
import { type FileSource, isFileSource } from "../files/file-source.ts";
import { isPickle, isZip } from "../formats/first-bytes.ts";
import { isSafetensors, readSafetensors } from "../formats/safetensors-reader.ts";
import { joinShards, parseShardIndex } from "./shard-index.ts";
import { openSource, type SourceLocation, type SourceOptions, sourceRules } from "../files/source.ts";
import { type Progress, readBytes, type SourceFile } from "../files/source-file.ts";
import type { CheckpointEntry, StoredTensor, TensorFile } from "../formats/stored-tensor.ts";
import { type Destination, misfit, transfer } from "./transfer.ts";

export interface CheckpointOptions extends SourceOptions {
  /** The file to open. Default the first that is there, in the order of Hugging Face's library; see `openCheckpoint`. */
  readonly file?: string | undefined;
}

export const checkpointRules: RulesOf<CheckpointOptions> = { ...sourceRules, file: aText };

export interface ReadOptions {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const readRules: RulesOf<ReadOptions> = { onProgress: aFunction, signal: aSignal };

/** An open checkpoint. Nothing needs closing. */
export interface Checkpoint {
  /** Its file or repository, for messages. */
  readonly label: string;
  /** Every tensor's dtype and shape, by name. */
  readonly entries: ReadonlyMap<string, CheckpointEntry>;
  /** Text notes that safetensors files carry, such as `format: "pt"`. */
  readonly metadata: ReadonlyMap<string, string>;
  /**
   * Reads tensors into memory, in file order and through a small buffer. An entry may go to several destinations.
   * @throws CheckpointError listing every absent entry and every shape that doesn't fit, before anything is written
   * @throws CheckpointError when the data is damaged, or the signal's reason when it is aborted: some destinations are then written
   */
  readInto(targets: Iterable<readonly [name: string, destination: Destination]>, options?: ReadOptions): Promise<void>;
}

/**
 * Opens a checkpoint: safetensors, or PyTorch's `.bin`, `.pt`, `.pth` (zip, TorchScript and the form before 1.6), in one file or several.
 * In a folder or repository, in this order: `model.safetensors`, `model.safetensors.index.json`, `pytorch_model.bin`,
 * `pytorch_model.bin.index.json`, else the only `.safetensors`, else the only `.bin`, `.pt` or `.pth`. What a file is, its first bytes tell.
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
  return new OpenCheckpoint(isFileSource(where) || source.file === undefined ? `${source.label}: ${name}` : file.label, content);
}

const inOrder = ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"] as const;

/** What training scripts leave beside the weights. */
const notWeights = /^(training_args|optimizer|scheduler|scaler|rng_state.*|random_states.*)\.\w+$/;

async function findCheckpoint(source: FileSource): Promise<string> {
  for (const name of inOrder) if (await source.has(name)) return name;
  const names = (await source.list?.()) ?? [];
  const weights = names.filter((name) => /\.(safetensors|bin|pt|pth)$/.test(name) && !notWeights.test(name));
  const safetensors = weights.filter((name) => name.endsWith(".safetensors"));
  const candidates = safetensors.length > 0 ? safetensors : weights;
  const [only] = candidates;
  if (candidates.length === 1 && only !== undefined) return only;
  const problem = candidates.length === 0 ? "no checkpoint is there" : "there are several checkpoints; name one with the option `file`";
  const found = source.list ? listed((candidates.length === 0 ? names : candidates).map(quote)) || "no file" : undefined;
  throw new CheckpointError(problem, { file: source.label, expected: inOrder.join(" or "), found });
}

/** PyTorch's readers are loaded when a file of theirs first comes. */
async function readTensorFile(file: SourceFile, head: Uint8Array, signal?: AbortSignal): Promise<TensorFile> {
  if (isZip(head)) return (await import("../formats/pytorch/reader.ts")).readPyTorch(file, signal);
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
  const names = [...new Set(shardIndex.weightMap.values())].sort();
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

interface Target {
  readonly name: string;
  readonly tensor: StoredTensor;
  readonly destination: Destination;
}

class OpenCheckpoint implements Checkpoint {
  readonly label: string;
  readonly entries: ReadonlyMap<string, CheckpointEntry>;
  readonly metadata: ReadonlyMap<string, string>;
  readonly #tensors: ReadonlyMap<string, StoredTensor>;

  constructor(label: string, { tensors, metadata }: TensorFile) {
    this.label = label;
    this.metadata = metadata;
    this.entries = new Map([...tensors].map(([name, { dtype, shape }]) => [name, { dtype: commonName[dtype], shape }]));
    this.#tensors = tensors;
  }

  async readInto(targets: Iterable<readonly [name: string, destination: Destination]>, options: ReadOptions = {}): Promise<void> {
    checkOptions("readInto", options, readRules);
    const { onProgress, signal } = options;
    const matched = this.#match(targets);
    const files = [...new Set(matched.map(({ tensor }) => tensor.file))];
    const total = matched.reduce((sum, { tensor, destination }) => sum + elementCount(destination.shape) * bytesOf[tensor.dtype], 0);
    let loaded = 0;
    for (const file of files) {
      const group = matched.filter(({ tensor }) => tensor.file === file);
      group.sort((a, b) => a.tensor.position - b.tensor.position || a.tensor.offset - b.tensor.offset);
      const end = group.reduce((last, { tensor }) => Math.max(last, tensor.end), 0);
      const cursor = new Cursor(file, end, signal);
      const onBytes = (bytes: number): void => {
        loaded += bytes;
        onProgress?.({ file: file.label, loaded, total });
      };
      try {
        for (const { name, tensor, destination } of group) {
          await transfer(cursor, name, tensor, destination, onBytes);
          destination.onFilled?.();
        }
      } finally {
        await cursor.close();
      }
    }
  }

  #match(targets: Iterable<readonly [name: string, destination: Destination]>): Target[] {
    const matched: Target[] = [];
    const problems: string[] = [];
    for (const [name, destination] of targets) {
      const tensor = this.#tensors.get(name);
      const wrong = tensor && misfit(tensor, destination);
      if (!tensor) problems.push(`${quote(name)} is absent`);
      else if (wrong) problems.push(`${quote(name)} is ${wrong.found} but should be ${wrong.expected}`);
      else matched.push({ name, tensor, destination });
    }
    if (problems.length === 0) return matched;
    throw new CheckpointError(`${problems.length} entries can't be read: ${listed(problems)}`, { file: this.label });
  }
}
