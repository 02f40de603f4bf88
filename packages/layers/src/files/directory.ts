import { isError } from "../errors.ts";
import { CheckpointError, reasonOf } from "./checkpoint-error.ts";
import { type FileSource, fileSource, type PlaceOptions } from "./file-source.ts";
import type { FileSystem } from "./platform/types.ts";
import { blobFile } from "./blob-file.ts";

/** A folder on a disk, `file` being the one that was asked for. */
export function folderSource(files: FileSystem, directory: string, file: string | undefined, options?: PlaceOptions): FileSource {
  return fileSource({ ...files.folder(directory), label: directory, file }, options);
}

/** What stands in a folder while a browser saves into it. */
export const noteName = (id: string): string => `.${id}.writing`;
export const isBrokenOff = (name: string): boolean => /^\.[0-9a-f]{8}\.writing$/.test(name);

/** @throws CheckpointError where a browser's save into the folder was broken off */
export function checkWhole(names: readonly string[], directory: string): void {
  const note = names.find(isBrokenOff);
  if (note === undefined) return;
  throw new CheckpointError(
    `a save from a browser was broken off (or goes on): its files may be of two saves. Save again; ${note} tells of it`,
    {
      file: directory,
    },
  );
}

/** A file that was about to be written when its save was broken off is empty. */
const isThere = async (handle: FileSystemFileHandle): Promise<boolean> => (await handle.getFile()).size > 0;

/** A folder that the user opened in a browser, or one in the origin's private file system. */
export function directoryHandleSource(directory: FileSystemDirectoryHandle, options?: PlaceOptions): FileSource {
  let known: Promise<void> | undefined;
  const check = async (): Promise<void> => {
    const names: string[] = [];
    for await (const [name] of directory.entries()) names.push(name);
    checkWhole(names, directory.name);
  };
  const place = {
    label: directory.name === "" ? "the origin's private folder" : directory.name,
    list: async () => {
      await (known ??= check());
      const names: string[] = [];
      for await (const [name, handle] of directory.entries()) if (handle.kind === "file" && (await isThere(handle))) names.push(name);
      return names.sort();
    },
    open: async (path: string) => {
      await (known ??= check());
      const folders = path.split("/");
      const name = folders.pop() ?? "";
      try {
        let folder = directory;
        for (const part of folders) folder = await folder.getDirectoryHandle(part);
        const file = await (await folder.getFileHandle(name)).getFile();
        return file.size > 0 ? blobFile(file, path) : undefined;
      } catch (cause) {
        if (isError(cause) && (cause.name === "NotFoundError" || cause.name === "TypeMismatchError")) return undefined;
        throw new CheckpointError(`can't be opened: ${reasonOf(cause)}`, { file: path, cause });
      }
    },
  };
  return fileSource(place, options);
}
