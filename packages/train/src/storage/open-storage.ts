import { folderStorage } from "#folder";
import { directoryStorage } from "./directory-storage.ts";
import type { RunStorage } from "./run-storage.ts";

/** A path, a directory handle, or a storage of your own. */
export type RunLocation = string | FileSystemDirectoryHandle | RunStorage;

export async function openStorage(where: RunLocation): Promise<RunStorage> {
  if (typeof where === "string") return folderStorage(where);
  return "kind" in where ? directoryStorage(where) : where;
}
