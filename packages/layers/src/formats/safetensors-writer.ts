/**
 * Safetensors bytes of tensors in memory, a chunk at a time. The layout (order, header, padding) is the one that the reference library
 * writes, so that equal tensors give equal files. https://github.com/huggingface/safetensors#format
 */

import type { OutgoingFile } from "../files/platform/types.ts";
import { CheckpointError } from "../files/checkpoint-error.ts";
import { anObject, limitFrom, oneOf, type RulesOf } from "../options.ts";
import { type Numbers, numbersLike } from "./decode.ts";
import { bytesOf, elementCount } from "./dtype.ts";
import { float32ToBfloat16, float32ToFloat16 } from "./half-precision.ts";

/** A tensor to be written. A `Destination` that loads a whole entry is one. */
export interface TensorSource {
  readonly shape: readonly number[];
  /** What `view` gives. Default: it is asked. */
  readonly dtype?: keyof typeof kept | undefined;
  /** The memory, row-major. Called again for every chunk. */
  view(): Numbers;
  /** Write a weight of (out, in) as [in, out]. Default false. */
  readonly transpose?: boolean | undefined;
}

/** Several are written as one, one after the other along the first axis. */
export type Writable = TensorSource | readonly TensorSource[];

export interface SafetensorsOptions {
  /** What float32 is written as; whole numbers stay. Default float32. */
  readonly dtype?: keyof typeof written | undefined;
  /** Text notes. Default `{ format: "pt" }`, which Hugging Face's library wants. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Tensors beyond this many bytes go into further files, with an index. Default 5 GB. */
  readonly maxShardBytes?: number | undefined;
}

/** By the format's own names. */
const written = { float32: "F32", float16: "F16", bfloat16: "BF16" } as const;

/** What memory holds, and is written so, but for float32. */
const kept = { float32: "F32", int32: "I32", int8: "I8", uint8: "U8" } as const;

/** What Hugging Face's library wants to read. */
const pytorch = { format: "pt" } as const;

export const safetensorsRules: RulesOf<SafetensorsOptions> = {
  dtype: oneOf(...Object.keys(written)),
  metadata: anObject,
  maxShardBytes: limitFrom(1),
};

type WrittenDType = (typeof kept)[keyof typeof kept] | (typeof written)[keyof typeof written];

/** The reference library's order: larger numbers first, so that all are aligned. */
const dtypeOrder: readonly WrittenDType[] = ["F32", "I32", "BF16", "F16", "I8", "U8"];

interface Planned {
  readonly name: string;
  readonly dtype: WrittenDType;
  readonly shape: readonly number[];
  readonly bytes: number;
  readonly pieces: readonly TensorSource[];
}

/** One file that holds all the tensors. */
export function safetensorsFile(tensors: ReadonlyMap<string, Writable>, name: string, options: SafetensorsOptions = {}): OutgoingFile {
  return encoded(plan(tensors, options), name, options);
}

/**
 * One file, or, beyond `maxShardBytes`, several named `model-00001-of-00002.safetensors` and an index. Tensors keep their order. In the notes of each and of
 * the index stands which save they are of, so that what doesn't belong together is never loaded as one.
 * @param stem `model` in `model.safetensors`
 */
export function safetensorsFiles(tensors: ReadonlyMap<string, Writable>, stem: string, options: SafetensorsOptions = {}): OutgoingFile[] {
  const { maxShardBytes = 5_000_000_000 } = options;
  const shards: Planned[][] = [];
  let size = 0;
  for (const tensor of plan(tensors, options)) {
    if (shards.length === 0 || size + tensor.bytes > maxShardBytes) {
      shards.push([]);
      size = 0;
    }
    shards.at(-1)?.push(tensor);
    size += tensor.bytes;
  }
  const [all = []] = shards;
  if (shards.length <= 1) return [encoded(all, `${stem}.safetensors`, options)];
  const nameOf = (index: number): string => `${stem}-${pad(index + 1)}-of-${pad(shards.length)}.safetensors`;
  const save = newId();
  const metadata = { ...(options.metadata ?? pytorch), save };
  return [...shards.map((shard, index) => encoded(shard, nameOf(index), { metadata })), indexFile(shards, nameOf, stem, save)];
}

/** Unlike any other. Pages without https have no `randomUUID`. */
const newId = (): string => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

const pad = (count: number): string => String(count).padStart(5, "0");

function indexFile(shards: readonly Planned[][], nameOf: (index: number) => string, stem: string, save: string): OutgoingFile {
  const homes = shards.flatMap((shard, index) => shard.map(({ name }) => [name, nameOf(index)] as const));
  homes.sort(([a], [b]) => (a < b ? -1 : 1));
  const tensors = shards.flat();
  const metadata = {
    total_parameters: tensors.reduce((sum, { shape }) => sum + elementCount(shape), 0),
    total_size: tensors.reduce((sum, { bytes }) => sum + bytes, 0),
    save,
  };
  const text = `${JSON.stringify({ metadata, weight_map: Object.fromEntries(homes) }, undefined, 2)}\n`;
  const bytes = new TextEncoder().encode(text);
  return { name: `${stem}.safetensors.index.json`, size: bytes.length, chunks: () => [bytes] };
}

function plan(tensors: ReadonlyMap<string, Writable>, { dtype = "float32" }: SafetensorsOptions): Planned[] {
  return [...tensors].map(([name, writable]) => {
    const pieces = "view" in writable ? [writable] : writable;
    const shape = stackedShape(name, pieces);
    const whole = pieces.map((piece) => (piece.dtype ? kept[piece.dtype] : dtypeOf(piece.view()))).find((kind) => kind !== "F32");
    const stored = whole ?? written[dtype];
    return { name, dtype: stored, shape, bytes: elementCount(shape) * bytesOf[stored], pieces };
  });
}

function dtypeOf(numbers: Numbers): WrittenDType {
  if (numbers instanceof Float32Array) return "F32";
  if (numbers instanceof Int32Array) return "I32";
  return numbers instanceof Int8Array ? "I8" : "U8";
}

function stackedShape(name: string, pieces: readonly TensorSource[]): readonly number[] {
  const shapes = pieces.map(({ shape, transpose }) => (transpose === true ? shape.toReversed() : shape));
  const [first = [], ...others] = shapes;
  if (name === "__metadata__") throw new CheckpointError("no tensor can have this name", { tensor: name });
  for (const piece of pieces) {
    const { shape, transpose } = piece;
    const size = piece.dtype ? elementCount(shape) : piece.view().length;
    if (size !== elementCount(shape) || (transpose === true && shape.length !== 2)) {
      throw new CheckpointError("its memory doesn't match its shape", {
        tensor: name,
        expected: `(${shape.join(", ")})`,
        found: `${size} elements`,
      });
    }
  }
  if (others.length === 0) return first;
  const [, ...rest] = first;
  if (shapes.some((shape) => shape.slice(1).join() !== rest.join())) {
    throw new CheckpointError("its parts don't have the same columns", {
      tensor: name,
      found: shapes.map((shape) => `(${shape.join(", ")})`).join(" "),
    });
  }
  return [shapes.reduce((sum, [rows = 1]) => sum + rows, 0), ...rest];
}

function encoded(tensors: readonly Planned[], name: string, { metadata = pytorch }: Pick<SafetensorsOptions, "metadata">): OutgoingFile {
  const sorted = tensors.toSorted(
    (a, b) => dtypeOrder.indexOf(a.dtype) - dtypeOrder.indexOf(b.dtype) || (a.name < b.name ? -1 : Number(a.name > b.name)),
  );
  let at = 0;
  const described = sorted.map(({ name: key, dtype, shape, bytes }) => {
    const begin = at;
    at += bytes;
    return [key, { dtype, shape, data_offsets: [begin, at] }] as const;
  });
  const notes = Object.keys(metadata).length === 0 ? [] : [["__metadata__", metadata] as const];
  const json = `{${[...notes, ...described].map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join()}}`;
  const header = new TextEncoder().encode(json);
  const padded = Math.ceil(header.length / 8) * 8;
  const front = new Uint8Array(8 + padded).fill(0x20);
  new DataView(front.buffer).setBigUint64(0, BigInt(padded), true);
  front.set(header, 8);
  return {
    name,
    size: front.length + at,
    *chunks() {
      yield front;
      const buffer = new ArrayBuffer(1 << 20);
      for (const { dtype, pieces } of sorted) for (const piece of pieces) yield* encode(piece, dtype, buffer);
    },
  };
}

/** A tensor's bytes, through `buffer`. */
function* encode(source: TensorSource, dtype: WrittenDType, buffer: ArrayBuffer): Generator<Uint8Array> {
  const count = elementCount(source.shape);
  const width = bytesOf[dtype];
  const most = buffer.byteLength / 4;
  for (let begin = 0; begin < count; begin += most) {
    const length = Math.min(most, count - begin);
    const numbers = source.transpose === true ? transposed(source, begin, length) : source.view().subarray(begin, begin + length);
    if (!(numbers instanceof Float32Array))
      new Uint8Array(buffer).set(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
    else if (dtype === "F16") float32ToFloat16(numbers, 0, new Uint16Array(buffer, 0, length));
    else if (dtype === "BF16") float32ToBfloat16(numbers, 0, new Uint16Array(buffer, 0, length));
    else new Float32Array(buffer, 0, length).set(numbers);
    yield new Uint8Array(buffer, 0, length * width);
  }
}

/** Elements [begin, begin + length) of the transpose. */
function transposed(source: TensorSource, begin: number, length: number): Numbers {
  const numbers = source.view();
  const out = numbersLike(numbers, length);
  const [rows = 1, columns = 1] = source.shape;
  for (let i = 0; i < length; i++) {
    const row = (begin + i) % rows;
    const column = (begin + i - row) / rows;
    out[i] = numbers[row * columns + column] ?? 0;
  }
  return out;
}
