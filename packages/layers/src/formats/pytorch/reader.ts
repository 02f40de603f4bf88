/**
 * The table of contents of a PyTorch file (`.bin`, `.pt`, `.pth`), TorchScript archives included: a zip with `data.pkl`, read by a machine
 * that can execute nothing, and one stored entry a storage. torch/serialization.py, torch/csrc/jit/serialization.
 */

import { CheckpointError, quote } from "../../files/checkpoint-error.ts";
import { Cursor } from "../cursor.ts";
import { bytesOf, denseStrides } from "../dtype.ts";
import { unpickle } from "./pickle.ts";
import { type PickledTensor, PyTorchHost } from "./allowlist.ts";
import type { SourceFile } from "../../files/source-file.ts";
import { findTensors } from "./state-dict.ts";
import type { StoredTensor, TensorFile } from "../stored-tensor.ts";
import { readZip, type ZipEntry } from "./zip.ts";

/** A pickle beyond this is hostile: 10,000 tensors take about 2 MB. */
export const longestPickle: number = 64 << 20;

/**
 * Reads which tensors are in the archive; no tensor is read.
 * @throws CheckpointError when the zip is damaged, the pickle asks for anything but data, or a tensor leaves its storage
 */
export async function readPyTorch(file: SourceFile, signal?: AbortSignal): Promise<TensorFile> {
  const entries = await readZip(file, signal);
  const pickle = [...entries.values()].find(({ name }) => name === "data.pkl" || /^[^/]+\/data\.pkl$/.test(name));
  if (!pickle) throw new CheckpointError("the zip holds no data.pkl; not a PyTorch file?", { file: file.label });
  if (pickle.size > longestPickle)
    throw new CheckpointError("data.pkl is beyond 64 MB", { file: file.label, found: `${pickle.size} bytes` });
  const root = pickle.name.slice(0, -"data.pkl".length);

  const order = entries.get(`${root}byteorder`);
  if (order && new TextDecoder().decode(await readEntry(file, order, signal)) !== "little") {
    throw new CheckpointError("the numbers are big-endian; load and save it again on a little-endian machine", { file: file.label });
  }
  const host = new PyTorchHost(file.label);
  const { value } = unpickle(await readEntry(file, pickle, signal), 0, host, file.label);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, tensor] of findTensors(value, file.label)) tensors.set(name, stored(name, tensor, file, root, entries));
  return { tensors, metadata: new Map() };
}

async function readEntry(file: SourceFile, entry: ZipEntry, signal?: AbortSignal): Promise<Uint8Array> {
  entry.checkPlain();
  if (entry.size > longestPickle) throw new CheckpointError(`${quote(entry.name)} is beyond 64 MB`, { file: file.label });
  // 64 KB more for the local header's name and padding, so that a network file is asked once.
  const cursor = new Cursor(file, entry.position + entry.size + 65_536, signal);
  try {
    await cursor.seek(await entry.locate(cursor));
    return await cursor.take(entry.size);
  } finally {
    await cursor.close();
  }
}

function stored(name: string, tensor: PickledTensor, file: SourceFile, root: string, entries: ReadonlyMap<string, ZipEntry>): StoredTensor {
  const { dtype, key } = tensor.storage;
  const entry = entries.get(`${root}data/${key}`);
  if (!entry) throw new CheckpointError("its storage is absent", { file: file.label, tensor: name, expected: quote(`${root}data/${key}`) });
  entry.checkPlain();
  // The local header, with its name and padding of at most 64 KB each, lies before the numbers.
  const place = { position: entry.position, end: entry.position + 30 + 2 * 65_535 + entry.size, size: entry.size / bytesOf[dtype] };
  return describe(name, tensor, file, place, (cursor) => entry.locate(cursor));
}

/** Where a storage really lies: its bytes, and how many elements they are. */
export interface StoragePlace {
  readonly position: number;
  readonly end: number;
  readonly size: number;
}

/**
 * A pickled tensor as a stored one.
 * @throws CheckpointError when the storage is smaller than the pickle says
 */
export function describe(
  name: string,
  tensor: PickledTensor,
  file: SourceFile,
  { position, end, size: available }: StoragePlace,
  locate: (cursor: Cursor) => Promise<number>,
): StoredTensor {
  const { storage, shape, strides, offset } = tensor;
  if (available < storage.begin + storage.size) {
    const expected = `${storage.begin + storage.size} elements of ${storage.dtype}`;
    throw new CheckpointError("its storage is cut short", { file: file.label, tensor: name, expected, found: String(available) });
  }
  const dense = denseStrides(shape);
  const isDense = shape.every((size, axis) => size <= 1 || strides[axis] === dense[axis]);
  return { dtype: storage.dtype, shape, file, position, end, offset, locate, ...(isDense ? {} : { strides }) };
}
