/** Browsers and their workers: there are no folders by path. */
import { ArgumentError } from "@x/layers";
import type { RunStorage } from "../storage/run-storage.ts";

/** @throws ArgumentError always, with what to do */
export function folderStorage(folder: string): Promise<RunStorage> {
  throw new ArgumentError(
    "fit",
    "there are no paths here; give a directory handle, as from navigator.storage.getDirectory()",
    `"${folder}" came`,
  );
}
