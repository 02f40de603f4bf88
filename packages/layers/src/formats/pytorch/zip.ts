/**
 * The table of contents of a zip archive, ZIP64 included, as PyTorch writes it: entries stored, not compressed.
 * PKWARE APPNOTE 6.3.10, §4.3.7 (local header), §4.3.12 (central directory), §4.3.14–16 (its end), §4.5.3 (ZIP64).
 */

import { CheckpointError, quote } from "../../files/checkpoint-error.ts";
import type { Cursor } from "../cursor.ts";
import { readBytes, type SourceFile } from "../../files/source-file.ts";

const localHeader = 0x04034b50;
const centralHeader = 0x02014b50;
const endRecord = 0x06054b50;
const end64Locator = 0x07064b50;
const end64Record = 0x06064b50;

/** A directory beyond this is hostile: PyTorch's has about 100 bytes a tensor. */
const longestDirectory = 64 << 20;

export interface ZipEntry {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Where its local header lies. */
  readonly position: number;
  /** @throws CheckpointError when it is compressed or encrypted, as TorchScript's code is but tensors never are */
  checkPlain(): void;
  /**
   * Where its data lies; the local header, which tells, is read the first time.
   * @throws CheckpointError when there is no such header or the data runs out of the file
   */
  locate(cursor: Cursor): Promise<number>;
}

/**
 * Reads the entries by name.
 * @throws CheckpointError when the archive is cut or inconsistent
 */
export async function readZip(file: SourceFile, signal?: AbortSignal): Promise<ReadonlyMap<string, ZipEntry>> {
  const { count, size, position } = await findDirectory(file, signal);
  if (size > longestDirectory || position + size > file.size) {
    throw new CheckpointError("the zip's directory lies outside of the file", {
      file: file.label,
      expected: `${size} bytes at ${position}`,
      found: `a file of ${file.size} bytes`,
    });
  }
  return parseDirectory(await readBytes(file, position, position + size, signal), count, file);
}

interface Directory {
  readonly count: number;
  readonly size: number;
  readonly position: number;
}

async function findDirectory(file: SourceFile, signal?: AbortSignal): Promise<Directory> {
  // The end record is 22 bytes and a comment of at most 65535; before it may come ZIP64's locator (20) and record (56).
  const tailBegin = Math.max(0, file.size - (22 + 65_535 + 20 + 56));
  const tail = dataView(await readBytes(file, tailBegin, file.size, signal));
  let at = tail.byteLength - 22;
  while (at >= 0 && !(tail.getUint32(at, true) === endRecord && at + 22 + tail.getUint16(at + 20, true) === tail.byteLength)) at--;
  if (at < 0) throw new CheckpointError("the zip's end is missing: the file is cut short", { file: file.label });

  const small = { count: tail.getUint16(at + 10, true), size: tail.getUint32(at + 12, true), position: tail.getUint32(at + 16, true) };
  if (at < 20 || tail.getUint32(at - 20, true) !== end64Locator) return small;
  const position = uint64(tail, at - 12);
  if (position + 56 > file.size) throw new CheckpointError("the zip's ZIP64 end lies outside of the file", { file: file.label });
  const record = dataView(await readBytes(file, position, position + 56, signal));
  if (record.getUint32(0, true) !== end64Record) throw new CheckpointError("the zip's ZIP64 end is damaged", { file: file.label });
  return { count: uint64(record, 32), size: uint64(record, 40), position: uint64(record, 48) };
}

function parseDirectory(bytes: Uint8Array, count: number, file: SourceFile): ReadonlyMap<string, ZipEntry> {
  const damaged = (what: string): CheckpointError => new CheckpointError(`the zip's directory is damaged: ${what}`, { file: file.label });
  const view = dataView(bytes);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  while (at < bytes.length) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== centralHeader) throw damaged(`no entry at ${at}`);
    const nameEnd = at + 46 + view.getUint16(at + 28, true);
    const extraEnd = nameEnd + view.getUint16(at + 30, true);
    const end = extraEnd + view.getUint16(at + 32, true);
    if (end > bytes.length) throw damaged(`the entry at ${at} is cut`);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, nameEnd));
    if (entries.has(name)) throw damaged(`${quote(name)} comes twice`);
    const [size, compressed, position] = widened(view, at, nameEnd, extraEnd);
    const isEncrypted = (view.getUint16(at + 8, true) & 1) !== 0;
    const method = view.getUint16(at + 10, true);
    const isPlain = method === 0 && !isEncrypted;
    if ((isPlain && size !== compressed) || position + 30 + compressed > file.size)
      throw damaged(`${quote(name)} lies outside of the file`);
    entries.set(name, new StoredEntry(file, name, size, position, isPlain ? undefined : isEncrypted ? "encrypted" : `method ${method}`));
    at = end;
  }
  if (entries.size !== count) throw damaged(`${entries.size} entries where its end tells of ${count}`);
  return entries;
}

/** Size, compressed size and position; those that are all ones stand in the ZIP64 extra field, in this order. */
function widened(view: DataView, at: number, extraBegin: number, extraEnd: number): [size: number, compressed: number, position: number] {
  const numbers: [number, number, number] = [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)];
  for (let field = extraBegin; field + 4 <= extraEnd;) {
    const end = field + 4 + view.getUint16(field + 2, true);
    if (view.getUint16(field, true) === 1) {
      let next = field + 4;
      for (const i of [0, 1, 2] as const) {
        if (numbers[i] !== 0xffffffff || next + 8 > Math.min(end, extraEnd)) continue;
        numbers[i] = uint64(view, next);
        next += 8;
      }
    }
    field = end;
  }
  return numbers;
}

class StoredEntry implements ZipEntry {
  readonly name: string;
  readonly size: number;
  readonly position: number;
  readonly #file: SourceFile;
  readonly #packed: string | undefined;
  #data: number | undefined;

  constructor(file: SourceFile, name: string, size: number, position: number, packed: string | undefined) {
    this.#file = file;
    this.#packed = packed;
    this.name = name;
    this.size = size;
    this.position = position;
  }

  checkPlain(): void {
    if (this.#packed === undefined) return;
    throw new CheckpointError(
      `the entry ${quote(this.name)} is compressed; PyTorch stores tensors as they are, so save it again with torch.save`,
      {
        file: this.#file.label,
        expected: "method 0 (stored)",
        found: this.#packed,
      },
    );
  }

  async locate(cursor: Cursor): Promise<number> {
    if (this.#data !== undefined) return this.#data;
    await cursor.seek(this.position);
    const header = dataView(await cursor.take(30));
    const data = this.position + 30 + header.getUint16(26, true) + header.getUint16(28, true);
    if (header.getUint32(0, true) !== localHeader || data + this.size > this.#file.size) {
      throw new CheckpointError(`the zip is damaged: ${quote(this.name)} doesn't lie where its directory says`, { file: this.#file.label });
    }
    this.#data = data;
    return data;
  }
}

function dataView(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Beyond 2^53 a double rounds; every use compares with the file's size, which is smaller. */
function uint64(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}
