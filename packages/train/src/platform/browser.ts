/** Browsers and their workers: there are no folders by path. */
import { ArgumentError } from "@x/layers";
import type { RunStorage } from "../storage/run-storage.ts";
import type { FoundImage } from "./types.ts";

export { webPort as workerPort } from "./web-port.ts";

/** @throws ArgumentError always, with what to do */
export function folderStorage(folder: string): Promise<RunStorage> {
  throw new ArgumentError(
    "fit",
    "there are no paths here; give a directory handle, as from navigator.storage.getDirectory()",
    `"${folder}" came`,
  );
}

/** @throws ArgumentError always, with what to do */
export function listImages(folder: string): Promise<FoundImage[]> {
  throw new ArgumentError(
    "imageFolder",
    "there are no paths here; give a directory handle, as from showDirectoryPicker()",
    `"${folder}" came`,
  );
}
