import { resolve } from "node:path";
import { folderStorage } from "./folder-storage.ts";
import type { Storage } from "./storage.ts";

/** A folder. */
export async function openStorage(location: string): Promise<Storage> {
  return folderStorage(resolve(location));
}
