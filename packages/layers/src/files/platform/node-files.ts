/** Files on a disk. */

import type { Stats } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CheckpointError, reasonOf } from "../checkpoint-error.ts";
import { endsEarly, type SourceFile } from "../source-file.ts";
import { unlessAbsent } from "./absent.ts";
import { unfinished, writeFiles } from "./node-save.ts";
import type { FileSystem, Folder } from "./types.ts";

const chunkBytes = 1 << 20;

/** `~` at its beginning is the user's folder, as in a shell. */
export const inHome = (path: string): string => path.replace(/^~(?=$|[\\/])/, () => homedir());

export const nodeFiles: FileSystem = {
  kindOf: async (path) => {
    const stats = await statOf(path);
    if (stats?.isDirectory() === true) return "directory";
    return stats?.isFile() === true ? "file" : undefined;
  },
  folder: openFolder,
  split: (path) => [dirname(path), basename(path)],
  resolve: inHome,
  pathOf: (url) => fileURLToPath(url),
  write: writeFiles,
};

/** What a save that was killed had still to do counts as done. */
function openFolder(directory: string): Folder {
  let known: ReturnType<typeof unfinished> | undefined;
  const pathOf = async (name: string): Promise<string | undefined> => {
    const instead = await (known ??= refusing(directory, unfinished(directory)));
    if (!instead.has(name)) return join(directory, name);
    const other = instead.get(name);
    return other === undefined ? undefined : join(directory, other);
  };
  return {
    list: async () => {
      const instead = await (known ??= refusing(directory, unfinished(directory)));
      const names: string[] = [];
      for (const name of new Set([...(await refusing(directory, readdir(directory))), ...instead.keys()])) {
        if ((await statOf((await pathOf(name)) ?? ""))?.isFile() === true) names.push(name);
      }
      return names.sort();
    },
    open: async (name) => {
      const path = await pathOf(name);
      // Whoever makes the save may have finished it.
      return path === undefined ? undefined : ((await openFile(path)) ?? openFile(join(directory, name)));
    },
  };
}

/**
 * @param sameName whether a new file of this name is another file (the default) or, in a cache that names by content, the same again, perhaps with more to come
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
      const handle = await refusing(path, open(path, "r"));
      try {
        const now = await refusing(path, handle.stat());
        const isOther = now.size !== size || now.mtimeMs !== mtimeMs || now.ino !== ino;
        if (sameName === "other" ? isOther : now.size < size) {
          throw new CheckpointError("the file was changed while it was being read", { file: path });
        }
        const buffer = new Uint8Array(Math.min(chunkBytes, end - begin));
        for (let position = begin; position < end;) {
          signal?.throwIfAborted();
          const { bytesRead } = await refusing(path, handle.read(buffer, 0, Math.min(buffer.length, end - position), position));
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

/** What the system answers. @throws CheckpointError when it refuses */
async function refusing<T>(path: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    throw new CheckpointError(`can't be read: ${reasonOf(cause)}`, { file: path, cause });
  }
}

/** @returns undefined when there is nothing @throws CheckpointError when the system doesn't tell */
const statOf = (path: string): Promise<Stats | undefined> => refusing(path, unlessAbsent(stat(path)));
