/** A directory handle in memory, as the File System standard has it: what is written shows when the file is closed. */
export function memoryDirectory(files: Map<string, Blob> = new Map()): FileSystemDirectoryHandle {
  const fileHandle = (name: string) => ({
    kind: "file",
    name,
    getFile: async () => files.get(name) ?? new Blob(),
    createWritable: async ({ keepExistingData = false } = {}) => {
      const before = keepExistingData ? [files.get(name) ?? new Blob()] : [];
      const parts: Blob[] = [...before];
      return {
        seek: async () => undefined,
        write: async (part: Uint8Array<ArrayBuffer> | string) => void parts.push(new Blob([part])),
        close: async () => void files.set(name, new Blob(parts)),
        abort: async () => undefined,
      };
    },
  });
  const directory = {
    kind: "directory",
    name: "run",
    async *entries() {
      for (const name of files.keys()) yield [name, fileHandle(name)] as const;
    },
    getFileHandle: async (name: string, { create = false } = {}) => {
      if (!files.has(name) && !create) throw new DOMException("not found", "NotFoundError");
      if (!files.has(name)) files.set(name, new Blob());
      return fileHandle(name);
    },
    removeEntry: async (name: string) => {
      if (!files.delete(name)) throw new DOMException("not found", "NotFoundError");
    },
  };
  return directory as unknown as FileSystemDirectoryHandle;
}
