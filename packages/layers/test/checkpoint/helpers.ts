import { readFile } from "node:fs/promises";
import type { Checkpoint } from "../../src/checkpoint/contents.ts";
import type { Destination } from "../../src/checkpoint/transfer.ts";

const fixtures = new URL("../fixtures/io/", import.meta.url);

export const fixturePath = (name: string): URL => new URL(name, fixtures);

export async function fixture(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(fixturePath(name)));
}

export interface Described {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** What PyTorch says is in the fixtures. */
export async function expectedOf(name: string): Promise<Record<string, Described>> {
  return JSON.parse(await readFile(fixturePath("expected.json"), "utf8"))[name];
}

export interface Memory extends Destination {
  readonly numbers: Float32Array | Int32Array;
}

export function memory(
  shape: readonly number[],
  options: { ints?: boolean; transpose?: boolean; rows?: readonly [number, number] } = {},
): Memory {
  const count = shape.reduce((a, b) => a * b, 1);
  const numbers = options.ints === true ? new Int32Array(count) : new Float32Array(count);
  return { shape, numbers, view: () => numbers, transpose: options.transpose, rows: options.rows };
}

/** Reads every entry, as float32. */
export async function readAll(checkpoint: Checkpoint): Promise<Record<string, Described>> {
  const targets = new Map([...checkpoint.entries].map(([name, { shape }]) => [name, memory(shape)]));
  await checkpoint.readInto(targets);
  return Object.fromEntries([...targets].map(([name, { shape, numbers }]) => [name, { shape: [...shape], data: [...numbers] }]));
}

/** A safetensors file from a header, given as an object or as text, and its data. */
export function safetensors(header: unknown, data: Uint8Array | number = 0): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = typeof data === "number" ? new Uint8Array(data) : data;
  const file = new Uint8Array(8 + json.length + bytes.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  file.set(bytes, 8 + json.length);
  return file;
}

/** The bytes of float32 numbers. */
export function floats(...numbers: number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Float32Array(numbers).buffer);
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export function integers(width: 2 | 4 | 8, ...values: number[]): Uint8Array {
  return concatBytes(
    ...values.map((value) => {
      const view = new DataView(new ArrayBuffer(8));
      view.setBigUint64(0, BigInt(value), true);
      return new Uint8Array(view.buffer, 0, width);
    }),
  );
}

export interface ZipOptions {
  /** Put all sizes and positions into ZIP64 records. */
  readonly zip64?: boolean;
  readonly method?: number;
  readonly flags?: number;
  readonly comment?: string;
}

/** A zip of stored entries, written from the specification. */
export function zip(
  entries: Readonly<Record<string, Uint8Array>>,
  { zip64 = false, method = 0, flags = 0, comment = "" }: ZipOptions = {},
): Uint8Array<ArrayBuffer> {
  const locals: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  let at = 0;
  for (const [name, data] of Object.entries(entries)) {
    const encoded = new TextEncoder().encode(name);
    const padding = integers(2, 0x4246, 6, 0, 0, 0); // an extra field, as PyTorch pads with
    const local = concatBytes(
      integers(4, 0x04034b50),
      integers(2, 20, flags, method, 0, 0),
      integers(4, 0, data.length, data.length),
      integers(2, encoded.length, padding.length),
      encoded,
      padding,
      data,
    );
    const wide = zip64 ? concatBytes(integers(2, 1, 24), integers(8, data.length, data.length, at)) : new Uint8Array(0);
    const [size, position] = zip64 ? [0xffffffff, 0xffffffff] : [data.length, at];
    central.push(
      integers(4, 0x02014b50),
      integers(2, 20, 20, flags, method, 0, 0),
      integers(4, 0, size, size),
      integers(2, encoded.length, wide.length, 0, 0, 0),
      integers(4, 0, position),
      encoded,
      wide,
    );
    locals.push(local);
    at += local.length;
  }
  const directory = concatBytes(...central);
  const count = locals.length;
  const end64 = zip64
    ? concatBytes(
        integers(4, 0x06064b50),
        integers(8, 44),
        integers(2, 45, 45),
        integers(4, 0, 0),
        integers(8, count, count, directory.length, at),
        integers(4, 0x07064b50, 0),
        integers(8, at + directory.length),
        integers(4, 1),
      )
    : new Uint8Array(0);
  const small = zip64 ? ([0xffff, 0xffffffff, 0xffffffff] as const) : ([count, directory.length, at] as const);
  const end = concatBytes(
    integers(4, 0x06054b50),
    integers(2, 0, 0, small[0], small[0]),
    integers(4, small[1], small[2]),
    integers(2, comment.length),
    new TextEncoder().encode(comment),
  );
  return concatBytes(...locals, directory, end64, end);
}

/** A pickle from opcodes: numbers are bytes, texts their UTF-8. */
export function pickled(...parts: readonly (number | string | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  const bytes = parts.map((part) =>
    typeof part === "number" ? new Uint8Array([part]) : typeof part === "string" ? new TextEncoder().encode(part) : part,
  );
  return concatBytes(new Uint8Array([0x80, 2]), ...bytes, new TextEncoder().encode("."));
}

/** BINUNICODE */
export function text(value: string): Uint8Array {
  const encoded = new TextEncoder().encode(value);
  return concatBytes(new TextEncoder().encode("X"), integers(4, encoded.length), encoded);
}

/** BININT */
export function int(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(5));
  view.setUint8(0, 0x4a);
  view.setInt32(1, value, true);
  return new Uint8Array(view.buffer);
}

export interface PickledTensorOptions {
  readonly name?: string;
  readonly storage?: string;
  readonly key?: string;
  readonly size?: number;
  readonly offset?: number;
  readonly shape?: readonly number[];
  readonly strides?: readonly number[];
}

/** `{"w": tensor}` as torch.save pickles it. */
export function pickledTensor({
  name = "w",
  storage = "FloatStorage",
  key = "0",
  size = 4,
  offset = 0,
  shape = [2, 2],
  strides = [2, 1],
}: PickledTensorOptions = {}): Uint8Array<ArrayBuffer> {
  return pickled(
    "}",
    text(name),
    "ctorch._utils\n_rebuild_tensor_v2\n(",
    "(",
    text("storage"),
    `ctorch\n${storage}\n`,
    text(key),
    text("cpu"),
    int(size),
    "tQ",
    int(offset),
    "(",
    ...shape.map(int),
    "t(",
    ...strides.map(int),
    "t",
    0x89,
    "ccollections\nOrderedDict\n)R",
    "tRs",
  );
}
