/**
 * The table of contents of a PyTorch file from before version 1.6: five pickles one after another (magic number, protocol, system, object,
 * storage keys), then for each key the element count, 8 bytes, and the numbers. torch/serialization.py, `_legacy_load`.
 */

import { CheckpointError, quote } from "../../files/checkpoint-error.ts";
import type { Cursor } from "../cursor.ts";
import { bytesOf } from "../dtype.ts";
import { PickleCutError, type PickleValue, unpickle } from "./pickle.ts";
import { PyTorchHost, type Storage } from "./allowlist.ts";
import { describe, longestPickle, type StoragePlace } from "./reader.ts";
import { readBytes, type SourceFile } from "../../files/source-file.ts";
import { findTensors } from "./state-dict.ts";
import type { StoredTensor, TensorFile } from "../stored-tensor.ts";

const magic = 0x1950a86a20f9469cfc6cn;

/**
 * Reads which tensors are in the file; no tensor is read.
 * @throws CheckpointError when it is another pickle than PyTorch's, asks for anything but data, or is cut
 */
export async function readLegacyPyTorch(file: SourceFile, signal?: AbortSignal): Promise<TensorFile> {
  const { host, object, keys, end } = await readPickles(file, signal);
  const places = placeStorages(keys, host.storages, end, file);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, tensor] of findTensors(object, file.label)) {
    const { key } = tensor.storage;
    const place = places.get(key);
    if (!place) throw new CheckpointError(`its storage ${quote(key)} is absent`, { file: file.label, tensor: name });
    const locate = async (cursor: Cursor): Promise<number> => {
      await checkCount(cursor, place, name);
      return place.position;
    };
    tensors.set(name, describe(name, tensor, file, place, locate));
  }
  return { tensors, metadata: new Map() };
}

interface Pickles {
  readonly host: PyTorchHost;
  readonly object: PickleValue;
  readonly keys: PickleValue;
  readonly end: number;
}

/** How long the pickles are isn't said anywhere: more of the file is read until they are whole. */
async function readPickles(file: SourceFile, signal?: AbortSignal): Promise<Pickles> {
  for (let length = 1 << 18; ; length *= 4) {
    const most = Math.min(length, file.size, longestPickle);
    const bytes = await readBytes(file, 0, most, signal);
    try {
      return parsePickles(bytes, file);
    } catch (error) {
      if (!(error instanceof PickleCutError) || most < length) throw error;
    }
  }
}

function parsePickles(bytes: Uint8Array, file: SourceFile): Pickles {
  const host = new PyTorchHost(file.label);
  let end = 0;
  const next = (): PickleValue => {
    const result = unpickle(bytes, end, host, file.label);
    ({ end } = result);
    return result.value;
  };
  if (next() !== magic) throw new CheckpointError("a pickle, but not PyTorch's", { file: file.label });
  next(); // the protocol, 1001 ever since
  const system = next();
  if (system instanceof Map && system.get("little_endian") === false) {
    throw new CheckpointError("the numbers are big-endian; load and save it again on a little-endian machine", { file: file.label });
  }
  const object = next();
  const keys = next();
  return { host, object, keys, end };
}

/** The position is where the numbers begin; their count stands in the 8 bytes before. */
interface Place extends StoragePlace {
  readonly storage: Storage;
}

function placeStorages(
  keys: PickleValue,
  storages: ReadonlyMap<string, Storage>,
  begin: number,
  file: SourceFile,
): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  let position = begin;
  for (const key of Array.isArray(keys) ? keys : []) {
    const storage = typeof key === "string" ? storages.get(key) : undefined;
    if (!storage || places.has(storage.key)) throw new CheckpointError("the list of storages is damaged", { file: file.label });
    const end = position + 8 + storage.size * bytesOf[storage.dtype];
    places.set(storage.key, { storage, position: position + 8, end, size: storage.size });
    position = end;
  }
  if (position > file.size) {
    throw new CheckpointError("the file is cut short", { file: file.label, expected: `${position} bytes`, found: String(file.size) });
  }
  return places;
}

async function checkCount(cursor: Cursor, { storage, position }: Place, tensor: string): Promise<void> {
  await cursor.seek(position - 8);
  const bytes = await cursor.take(8);
  const view = new DataView(bytes.buffer);
  const count = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (count === storage.size) return;
  throw new CheckpointError("its storage is damaged", {
    file: cursor.file.label,
    tensor,
    expected: `${storage.size} elements`,
    found: String(count),
  });
}
