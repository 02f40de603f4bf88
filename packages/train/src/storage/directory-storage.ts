import { openCheckpoint } from "@x/layers";
import { saveSafetensors } from "@x/layers/save";
import { type RunStorage, stemOf } from "./run-storage.ts";

/** A folder that the user opened in a browser, or one in the origin's private file system: its files change as a whole, when they are closed. */
export function directoryStorage(directory: FileSystemDirectoryHandle): RunStorage {
  const write = async (name: string, text: string, keepExistingData: boolean): Promise<void> => {
    const handle = await directory.getFileHandle(name, { create: true });
    const writable = await handle.createWritable({ keepExistingData });
    if (keepExistingData) await writable.seek((await handle.getFile()).size);
    await writable.write(text);
    await writable.close();
  };
  return {
    async list() {
      const names: string[] = [];
      for await (const [name, { kind }] of directory.entries()) if (kind === "file") names.push(name);
      return names.sort();
    },
    async saveTensors(name, tensors, metadata) {
      await saveSafetensors(tensors, directory, { stem: stemOf(name), metadata, maxShardBytes: Infinity });
    },
    openTensors: (name) => openCheckpoint(directory, { file: name }),
    async readText(name) {
      const handle = await directory.getFileHandle(name).catch((cause: DOMException) => {
        if (cause.name === "NotFoundError") return undefined;
        throw cause;
      });
      return handle && (await handle.getFile()).text();
    },
    writeText: (name, text) => write(name, text, false),
    appendText: (name, text) => write(name, text, true),
    remove: (name) => directory.removeEntry(name).catch(() => undefined),
  };
}
