import { isError } from "../errors.ts";
import { CheckpointError, reasonOf } from "./checkpoint-error.ts";
import { type FileSource, fileSource, type PlaceOptions } from "./file-source.ts";
import type { FileSystem } from "./platform/types.ts";
import { blobFile } from "./blob-file.ts";

/** A folder on a disk, `file` being the one that was asked for. */
export function folderSource(files: FileSystem, directory: string, file: string | undefined, options?: PlaceOptions): FileSource {
  return fileSource({ ...files.folder(directory), label: directory, file }, options);
}

/** A folder that the user opened in a browser, or one in the origin's private file system. */
export function directoryHandleSource(directory: FileSystemDirectoryHandle, options?: PlaceOptions): FileSource {
  const place = {
    label: directory.name === "" ? "the origin's private folder" : directory.name,
    list: async () => {
      const names: string[] = [];
      for await (const [name, handle] of directory.entries()) if (handle.kind === "file") names.push(name);
      return names.sort();
    },
    open: async (path: string) => {
      const folders = path.split("/");
      const name = folders.pop() ?? "";
      try {
        let folder = directory;
        for (const part of folders) folder = await folder.getDirectoryHandle(part);
        return blobFile(await (await folder.getFileHandle(name)).getFile(), path);
      } catch (cause) {
        if (isError(cause) && (cause.name === "NotFoundError" || cause.name === "TypeMismatchError")) return undefined;
        throw new CheckpointError(`can't be opened: ${reasonOf(cause)}`, { file: path, cause });
      }
    },
  };
  return fileSource(place, options);
}
