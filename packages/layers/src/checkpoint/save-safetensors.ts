/** Writes tensors as safetensors to a folder, a file, a stream, or into a Blob. */

import { platform } from "#platform";
import type { OutgoingFile } from "../files/platform/types.ts";
import { CheckpointError, quote, reasonOf } from "../files/checkpoint-error.ts";
import { shown } from "../errors.ts";
import { writeHandles } from "../files/directory-save.ts";
import { checkFileName } from "../files/file-name.ts";
import { isAddress, isFolder, isStream } from "../files/place.ts";
import { aFunction, aMap, aSignal, aText, checkOptions, type RulesOf } from "../options.ts";
import {
  type SafetensorsOptions,
  safetensorsFile,
  safetensorsFiles,
  safetensorsRules,
  type Writable,
} from "../formats/safetensors-writer.ts";
import type { Progress } from "../files/source-file.ts";

/** What a file beside the weights holds. */
export type FileContent = string | Uint8Array<ArrayBuffer>;

export interface SaveOptions extends SafetensorsOptions {
  /** The file's name in a folder, without its ending. Default `model`. */
  readonly stem?: string | undefined;
  /**
   * Files to write beside them, all or none: `config.json` and the like, by name, as text or bytes. A name may lead into folders below (`1_Pooling/config.json`),
   * but not out of the place, nor be one that the weights have. Not into a stream. Default none.
   */
  readonly alongside?: ReadonlyMap<string, FileContent> | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export const saveRules: RulesOf<SaveOptions> = {
  ...safetensorsRules,
  stem: aText,
  alongside: aMap,
  onProgress: aFunction,
  signal: aSignal,
};

/**
 * - a path or file address: that file if it ends with `.safetensors`, else `model.safetensors` in that folder
 * - a directory handle: `model.safetensors` in it
 * - a stream: one file, whatever `maxShardBytes` says; it is closed, or aborted after a failure
 */
export type SaveLocation = string | URL | FileSystemDirectoryHandle | WritableStream<Uint8Array>;

/**
 * Writes tensors as safetensors. In a folder, all files appear at once and only when they are whole and on the disk; earlier files of the
 * same checkpoint that are no part of it any more are removed. After a failure or an abort everything is as it was.
 * @returns the names of the files, the index last
 * @throws CheckpointError when it can't be written, such as on a full disk, or a name in `alongside` is refused; the signal's reason when it is aborted
 */
export async function saveSafetensors(
  tensors: ReadonlyMap<string, Writable>,
  where: SaveLocation,
  options: SaveOptions = {},
): Promise<readonly string[]> {
  checkOptions("saveSafetensors", options, saveRules);
  const { signal, onProgress, stem: inFolder = "model" } = options;
  signal?.throwIfAborted();
  if (isStream(where)) {
    const [file] = watched([safetensorsFile(tensors, "stream", options)], onProgress);
    if (file) await writeStream(where, file, signal);
    return [];
  }
  if (isFolder(where)) {
    const files = watched([...safetensorsFiles(tensors, inFolder, options), ...filesAlongside(inFolder, options)], onProgress);
    await writeHandles(where, files, isStale(inFolder, files), signal);
    return files.map(({ name }) => name);
  }
  const { directory, stem, disk } = placeOf(where, inFolder);
  const files = watched([...safetensorsFiles(tensors, stem, options), ...filesAlongside(stem, options)], onProgress);
  await disk.write(directory, files, isStale(stem, files), signal);
  return files.map(({ name }) => name);
}

function filesAlongside(stem: string, { alongside = new Map() }: SaveOptions): OutgoingFile[] {
  return [...alongside].map(([name, content]) => {
    checkFileName(name, "alongside");
    if (isWeights(stem, name.toLowerCase()))
      throw new CheckpointError(`the file name ${quote(name)} is refused: the weights have it`, { file: "alongside" });
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    return { name, size: bytes.length, chunks: () => [bytes] };
  });
}

/** One safetensors file in memory: for downloads, uploads and tests. */
export function encodeSafetensors(tensors: ReadonlyMap<string, Writable>, options: SafetensorsOptions = {}): Blob {
  checkOptions("encodeSafetensors", options, safetensorsRules);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (const chunk of safetensorsFile(tensors, "model.safetensors", options).chunks()) parts.push(new Uint8Array(chunk));
  return new Blob(parts);
}

function placeOf(where: string | URL, inFolder: string) {
  const disk = platform.files;
  if (!(typeof where === "string" && where !== "") && !isAddress(where))
    throw new CheckpointError("can't be saved there", {
      expected: "a path, a file address, a directory handle or a stream",
      found: shown(where),
    });
  if (!disk) throw new CheckpointError("there are no files on disk here; save to a directory handle or a stream", { file: String(where) });
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(String(where))?.[1]?.toLowerCase(); // of two letters or more: one is a drive
  if (scheme !== undefined && scheme !== "file")
    throw new CheckpointError("can't be saved to an address; save to a folder, and upload that", {
      file: String(where),
      expected: "a path",
    });
  const path = disk.resolve(scheme === "file" ? disk.pathOf(new URL(where)) : String(where));
  if (!path.endsWith(".safetensors")) return { disk, directory: path, stem: inFolder };
  const [directory, name] = disk.split(path);
  return { disk, directory, stem: name.slice(0, -".safetensors".length) };
}

/** Whether a file is a checkpoint of this name, one of its shards, or its index. */
function isWeights(stem: string, name: string): boolean {
  return name.startsWith(stem) && /^(-\d{5}-of-\d{5})?\.safetensors(\.index\.json)?$/.test(name.slice(stem.length));
}

/** Other files of a checkpoint with this name: another number of shards, its index. */
function isStale(stem: string, files: readonly OutgoingFile[]): (name: string) => boolean {
  const current = new Set(files.map(({ name }) => name));
  return (name) => !current.has(name) && isWeights(stem, name);
}

/** The files, telling progress as their chunks are taken. */
function watched(files: readonly OutgoingFile[], onProgress: SaveOptions["onProgress"]): readonly OutgoingFile[] {
  if (!onProgress) return files;
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let loaded = 0;
  return files.map((file) => ({
    ...file,
    *chunks() {
      for (const chunk of file.chunks()) {
        yield chunk;
        loaded += chunk.length;
        onProgress({ file: file.name, loaded, total });
      }
    },
  }));
}

async function writeStream(stream: WritableStream<Uint8Array>, file: OutgoingFile, signal?: AbortSignal): Promise<void> {
  const writer = stream.getWriter();
  try {
    for (const chunk of file.chunks()) {
      signal?.throwIfAborted();
      await writer.write(chunk.slice());
    }
    await writer.close();
  } catch (cause) {
    await writer.abort(cause).catch(() => undefined);
    signal?.throwIfAborted();
    throw new CheckpointError(`can't be written: ${reasonOf(cause)}`, { cause });
  }
}
