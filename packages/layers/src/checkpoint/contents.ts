/** What an open checkpoint is: its entries, and reading them into memory. */
import { CheckpointError, listed, quote } from "../files/checkpoint-error.ts";
import type { Progress } from "../files/source-file.ts";
import { Cursor } from "../formats/cursor.ts";
import { bytesOf, commonName, elementCount } from "../formats/dtype.ts";
import type { CheckpointEntry, StoredTensor, TensorFile } from "../formats/stored-tensor.ts";
import { aFunction, aSignal, checkOptions, type RulesOf } from "../options.ts";
import { type Destination, misfit, transfer } from "./transfer.ts";

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
  /** Whether two entries, of one axis or more, have the same shape and numbers. Those that share their bytes aren't read. */
  areEqual(one: string, other: string, signal?: AbortSignal): Promise<boolean>;
}

/** Elements of an entry, or a row. */
const comparedAtOnce = 1 << 20;

const sharesBytes = (a: StoredTensor, b: StoredTensor): boolean =>
  a.file === b.file && a.position === b.position && a.offset === b.offset && a.strides?.join() === b.strides?.join();

interface Target {
  readonly name: string;
  readonly tensor: StoredTensor;
  readonly destination: Destination;
}

export class OpenCheckpoint implements Checkpoint {
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

  async areEqual(one: string, other: string, signal?: AbortSignal): Promise<boolean> {
    const [a, b] = [this.#tensors.get(one), this.#tensors.get(other)];
    if (a?.shape.join() !== b?.shape.join()) return false;
    if (a && b && sharesBytes(a, b)) return true;
    const [rows = 0, ...columns] = a?.shape ?? [];
    const step = Math.ceil(comparedAtOnce / Math.max(1, elementCount(columns)));
    for (let begin = 0; begin < rows; begin += step) {
      const end = Math.min(rows, begin + step);
      const read = async (name: string): Promise<Float32Array> => {
        const numbers = new Float32Array((end - begin) * elementCount(columns));
        await this.readInto([[name, { shape: [end - begin, ...columns], rows: [begin, end], view: () => numbers }]], { signal });
        return numbers;
      };
      const others = await read(other);
      if ((await read(one)).some((number, i) => number !== others[i])) return false;
    }
    return true;
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
