/** Writes tensors as safetensors to a folder, a file, a stream, or into a Blob. */

import { platform } from "#platform";
import type { OutgoingFile } from "../files/platform/types.ts";
import { CheckpointError, reasonOf } from "../files/checkpoint-error.ts";
import { type SafetensorsOptions, safetensorsFile, safetensorsFiles, type Writable } from "../formats/safetensors-writer.ts";
import type { Progress } from "../files/source-file.ts";

export interface SaveOptions extends SafetensorsOptions {
  /** The file's name in a folder, without its ending. Default `model`. */
  readonly stem?: string | undefined;
  /** Files to write beside them, all or none: `config.json` and the like, by name, as text or bytes. Not into a stream. Default none. */
  readonly alongside?: ReadonlyMap<string, string | Uint8Array<ArrayBuffer>> | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

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
 * @throws CheckpointError when it can't be written, such as on a full disk; the signal's reason when it is aborted
 */
export async function saveSafetensors(
  tensors: ReadonlyMap<string, Writable>,
  where: SaveLocation,
  options: SaveOptions = {},
): Promise<readonly string[]> {
  const { signal, onProgress, stem: inFolder = "model" } = options;
  signal?.throwIfAborted();
  if (where instanceof WritableStream) {
    const [file] = watched([safetensorsFile(tensors, "stream", options)], onProgress);
    if (file) await writeStream(where, file, signal);
    return [];
  }
  if (typeof where === "object" && "kind" in where) {
    const files = watched([...safetensorsFiles(tensors, inFolder, options), ...textFiles(options)], onProgress);
    await writeHandles(where, files, isStale(inFolder, files), signal);
    return files.map(({ name }) => name);
  }
  const { directory, stem, disk } = placeOf(where, inFolder);
  const files = watched([...safetensorsFiles(tensors, stem, options), ...textFiles(options)], onProgress);
  await disk.write(directory, files, isStale(stem, files), signal);
  return files.map(({ name }) => name);
}

function textFiles({ alongside = new Map() }: SaveOptions): OutgoingFile[] {
  return [...alongside].map(([name, content]) => {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    return { name, size: bytes.length, chunks: () => [bytes] };
  });
}

/** One safetensors file in memory: for downloads, uploads and tests. */
export function encodeSafetensors(tensors: ReadonlyMap<string, Writable>, options: SafetensorsOptions = {}): Blob {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (const chunk of safetensorsFile(tensors, "model.safetensors", options).chunks()) parts.push(new Uint8Array(chunk));
  return new Blob(parts);
}

function placeOf(where: string | URL, inFolder: string) {
  const disk = platform.files;
  if (!disk) throw new CheckpointError("there are no files on disk here; save to a directory handle or a stream", { file: String(where) });
  const path = typeof where === "string" && !where.startsWith("file:") ? where : disk.pathOf(new URL(where));
  if (!path.endsWith(".safetensors")) return { disk, directory: path, stem: inFolder };
  const [directory, name] = disk.split(path);
  return { disk, directory, stem: name.slice(0, -".safetensors".length) };
}

/** Other files of a checkpoint with this name: another number of shards, its index. */
function isStale(stem: string, files: readonly OutgoingFile[]): (name: string) => boolean {
  const current = new Set(files.map(({ name }) => name));
  return (name) => {
    const rest = name.startsWith(stem) && !current.has(name) ? name.slice(stem.length) : "";
    return /^(-\d{5}-of-\d{5})?\.safetensors$/.test(rest) || rest === ".safetensors.index.json";
  };
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

/** A writable of a file handle keeps its bytes aside until it is closed. */
async function writeHandles(
  directory: FileSystemDirectoryHandle,
  files: readonly OutgoingFile[],
  isStaleName: (name: string) => boolean,
  signal?: AbortSignal,
): Promise<void> {
  const before = new Set<string>();
  for await (const [name] of directory.entries()) before.add(name);
  const open: FileSystemWritableFileStream[] = [];
  try {
    for (const file of files) {
      const writable = await (await directory.getFileHandle(file.name, { create: true })).createWritable();
      open.push(writable);
      for (const chunk of file.chunks()) {
        signal?.throwIfAborted();
        await writable.write(chunk.slice());
      }
    }
    signal?.throwIfAborted();
    for (const writable of open) await writable.close();
    for (const name of before) if (isStaleName(name)) await directory.removeEntry(name);
  } catch (cause) {
    for (const writable of open) await writable.abort(cause).catch(() => undefined);
    for (const { name } of files) if (!before.has(name)) await directory.removeEntry(name).catch(() => undefined);
    signal?.throwIfAborted();
    throw new CheckpointError(`can't be written: ${reasonOf(cause)}`, { file: files[0]?.name, cause });
  }
}
