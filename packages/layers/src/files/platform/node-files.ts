/** Files on a disk. */

import { randomUUID } from "node:crypto";
import type { Stats } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CheckpointError, reasonOf } from "../checkpoint-error.ts";
import { endsEarly, type SourceFile } from "../source-file.ts";
import type { FileSystem, OutgoingFile } from "./types.ts";

const chunkBytes = 1 << 20;

export const nodeFiles: FileSystem = {
  kindOf: async (path) => {
    const stats = await statOf(path);
    if (stats?.isDirectory() === true) return "directory";
    return stats?.isFile() === true ? "file" : undefined;
  },
  list: async (directory) => {
    const names: string[] = [];
    for (const name of await readdir(directory)) if ((await statOf(join(directory, name)))?.isFile() === true) names.push(name);
    return names.sort();
  },
  open: (path) => openFile(path),
  split: (path) => [dirname(path), basename(path)],
  join,
  pathOf: (url) => fileURLToPath(url),
  write: writeFiles,
};

/**
 * @param sameName whether a new file of this name is another file (the default) or, in a cache that names by content, the same again
 * @returns undefined when there is no such file
 */
export async function openFile(path: string, sameName: "other" | "same" = "other"): Promise<SourceFile | undefined> {
  const stats = await statOf(path);
  if (stats?.isFile() !== true) return undefined;
  const { size, mtimeMs, ino } = stats;
  const file: SourceFile = {
    label: path,
    size,
    async *stream(begin, end, signal) {
      signal?.throwIfAborted();
      const handle = await openHandle(path, "r");
      try {
        const now = await handle.stat();
        if (now.size !== size || (sameName === "other" && (now.mtimeMs !== mtimeMs || now.ino !== ino))) {
          throw new CheckpointError("the file was changed while it was being read", { file: path });
        }
        const buffer = new Uint8Array(Math.min(chunkBytes, end - begin));
        for (let position = begin; position < end;) {
          signal?.throwIfAborted();
          const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, end - position), position);
          if (bytesRead === 0) throw endsEarly(file, end, position);
          position += bytesRead;
          yield buffer.subarray(0, bytesRead);
        }
      } finally {
        await handle.close();
      }
    },
  };
  return file;
}

async function writeFiles(
  directory: string,
  files: readonly OutgoingFile[],
  isStale: (name: string) => boolean,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  const written: { temporary: string; final: string }[] = [];
  try {
    for (const file of files) {
      const final = join(directory, file.name);
      const temporary = `${final}.${randomUUID().slice(0, 8)}.tmp`;
      written.push({ temporary, final });
      await mkdir(dirname(final), { recursive: true });
      await writeChunks(temporary, file.chunks(), signal);
    }
    signal?.throwIfAborted();
    for (const { temporary, final } of written) await rename(temporary, final);
    for (const name of await readdir(directory)) if (isStale(name)) await rm(join(directory, name), { force: true });
    for (const folder of new Set([directory, ...written.map(({ final }) => dirname(final))])) await flushDirectory(folder);
  } catch (cause) {
    for (const { temporary } of written) await rm(temporary, { force: true }).catch(() => undefined);
    signal?.throwIfAborted();
    throw new CheckpointError(`can't be written: ${reasonOf(cause)}`, { file: join(directory, files[0]?.name ?? ""), cause });
  }
}

/** Writes a new file and flushes it to the disk. */
export async function writeChunks(
  path: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<number> {
  let position = 0;
  const handle = await open(path, "wx");
  try {
    for await (const chunk of chunks) {
      signal?.throwIfAborted();
      for (let done = 0; done < chunk.length;) {
        const { bytesWritten } = await handle.write(chunk, done, chunk.length - done, position);
        done += bytesWritten;
        position += bytesWritten;
      }
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return position;
}

/** So that a rename survives a power cut. Windows and some network disks can't. */
export async function flushDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, "r");
    await handle.sync().finally(() => handle.close());
  } catch {
    // The files themselves are flushed; only their new names might be lost.
  }
}

async function openHandle(path: string, flags: string): Promise<FileHandle> {
  try {
    return await open(path, flags);
  } catch (cause) {
    throw new CheckpointError(`can't be opened: ${reasonOf(cause)}`, { file: path, cause });
  }
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch {
    return undefined;
  }
}
