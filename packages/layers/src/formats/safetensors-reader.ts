/**
 * The table of contents of a `.safetensors` file: 8 bytes length N (little-endian), N bytes JSON, then the tensors' bytes, without
 * gaps or overlaps. Everything that the reference implementation checks is checked, and that no key comes twice.
 * https://github.com/huggingface/safetensors#format
 */

import { CheckpointError, quote } from "../files/checkpoint-error.ts";
import { bytesOf, elementCount, isDType, shapeText } from "./dtype.ts";
import { isObject, parseJsonObject } from "./json.ts";
import { readBytes, type SourceFile } from "../files/source-file.ts";
import type { StoredTensor, TensorFile } from "./stored-tensor.ts";

/** The reference implementation's limit. */
const longestHeader = 100_000_000;

/** Whether these first 16 bytes of a file are safetensors': a header of 640 bytes begins like a pickle, one of 123 like JSON. */
export function isSafetensors(head: Uint8Array): boolean {
  return head[4] === 0 && head[5] === 0 && head[6] === 0 && head[7] === 0 && head[8] === 0x7b;
}

/**
 * Reads and checks the header; no tensor is read.
 * @throws CheckpointError naming the file, the tensor, what was expected and what was found
 */
export async function readSafetensors(file: SourceFile, signal?: AbortSignal): Promise<TensorFile> {
  const length = headerLength(await readBytes(file, 0, Math.min(8, file.size), signal), file);
  return parseSafetensorsHeader(await readBytes(file, 8, 8 + length, signal), file);
}

function headerLength(bytes: Uint8Array, file: SourceFile): number {
  if (bytes.length < 8) throw new CheckpointError("too short for a safetensors file", { file: file.label, found: `${bytes.length} bytes` });
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (length > longestHeader) {
    throw new CheckpointError("the header's length is beyond 100 MB; not a safetensors file?", {
      file: file.label,
      found: `${length} bytes`,
    });
  }
  if (8 + length > file.size) {
    const found = `${file.size} bytes`;
    throw new CheckpointError("the header is longer than the file", { file: file.label, expected: `at least ${8 + length} bytes`, found });
  }
  return length;
}

/** The tensors that a header's JSON describes. */
export function parseSafetensorsHeader(header: Uint8Array, file: SourceFile): TensorFile {
  // The specification wants "{" first; JSON itself would allow white space.
  if (header[0] !== 0x7b) throw new CheckpointError('the header doesn\'t start with "{"; not a safetensors file?', { file: file.label });
  const json = parseJsonObject(header, file.label, "header");
  const dataBegin = 8 + header.length;
  const tensors = new Map<string, StoredTensor>();
  const ranges: Range[] = [];
  for (const [name, value] of Object.entries(json)) {
    if (name === "__metadata__") continue;
    const { tensor, range } = parseTensor(name, value, file, dataBegin);
    tensors.set(name, tensor);
    ranges.push(range);
  }
  checkRanges(ranges, file, dataBegin);
  return { tensors, metadata: parseMetadata(json["__metadata__"], file) };
}

function parseMetadata(value: unknown, file: SourceFile): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>();
  if (value === undefined) return metadata;
  if (!isObject(value)) throw new CheckpointError("__metadata__ is not an object of strings", { file: file.label });
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string") throw new CheckpointError(`__metadata__: ${quote(key)} is not a string`, { file: file.label });
    metadata.set(key, text);
  }
  return metadata;
}

/** The bytes of one tensor, counted from the start of the data. */
interface Range {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
}

function parseTensor(name: string, value: unknown, file: SourceFile, dataBegin: number): { tensor: StoredTensor; range: Range } {
  const refuse = (problem: string, expected?: string, found?: unknown): never => {
    throw new CheckpointError(problem, {
      file: file.label,
      tensor: name,
      expected,
      found: found === undefined ? undefined : String(found),
    });
  };
  if (!isObject(value)) return refuse("not described by an object");
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isDType(dtype)) return refuse("unknown dtype", Object.keys(bytesOf).join(", "), jsonText(dtype));
  if (!areSizes(shape)) return refuse("shape is not a list of sizes", "whole numbers from 0", jsonText(shape));
  if (!areSizes(offsets) || offsets.length !== 2)
    return refuse("data_offsets is not a pair of positions", "[begin, end]", jsonText(offsets));
  const [begin = 0, end = 0] = offsets;
  const data = file.size - dataBegin;
  if (begin > end) return refuse("data_offsets run backwards", "begin ≤ end", `[${begin}, ${end}]`);
  if (end > data) return refuse("the data is cut short or data_offsets are wrong", `an end of at most ${data}`, end);
  const bytes = elementCount(shape) * bytesOf[dtype];
  if (!Number.isSafeInteger(bytes)) return refuse("the shape's product overflows", "at most 2^53 bytes", shapeText(shape));
  if (end - begin !== bytes) return refuse(`${dtype} ${shapeText(shape)} doesn't match its data_offsets`, `${bytes} bytes`, end - begin);
  const position = dataBegin + begin;
  const tensor: StoredTensor = { dtype, shape, file, position, end: dataBegin + end, offset: 0, locate: async () => position };
  return { tensor, range: { name, begin, end } };
}

/** The ranges in order must cover the data exactly. */
function checkRanges(ranges: Range[], file: SourceFile, dataBegin: number): void {
  ranges.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const { name, begin, end } of ranges) {
    if (begin !== covered) {
      const problem = begin < covered ? "its data overlaps another tensor's" : "there is a hole before its data";
      throw new CheckpointError(problem, { file: file.label, tensor: name, expected: `a begin of ${covered}`, found: String(begin) });
    }
    covered = end;
  }
  const data = file.size - dataBegin;
  if (covered !== data) {
    const problem = "the file is longer than its tensors";
    throw new CheckpointError(problem, { file: file.label, expected: `${covered} bytes of data`, found: String(data) });
  }
}

function areSizes(value: unknown): value is number[] {
  return (
    Array.isArray(value) && value.length <= 64 && value.every((size) => Number.isSafeInteger(size) && size >= 0 && !Object.is(size, -0))
  );
}

function jsonText(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 200);
}
