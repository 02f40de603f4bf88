/**
 * Several files into a folder that the user opened in a browser, all or none. A file's bytes are kept aside until it is closed; while files are closed, one
 * after the other, a note stands in the folder. Where it stays, because the page was closed, what is there may be of two saves: nobody reads it until the next save.
 */
import { CheckpointError, reasonOf } from "./checkpoint-error.ts";
import { isBrokenOff, noteName } from "./directory.ts";
import type { OutgoingFile } from "./platform/types.ts";

/** See `FileSystem.write`. Saves of other tabs into a folder of this name are waited for. */
export async function writeHandles(
  directory: FileSystemDirectoryHandle,
  files: readonly OutgoingFile[],
  isStale: (name: string) => boolean,
  signal?: AbortSignal,
): Promise<void> {
  const write = (): Promise<void> => writeAlone(directory, files, isStale, signal);
  const locks: LockManager | undefined = globalThis.navigator?.locks;
  return locks ? locks.request(`@x/layers saves into ${directory.name}`, { signal }, write) : write();
}

async function writeAlone(
  directory: FileSystemDirectoryHandle,
  files: readonly OutgoingFile[],
  isStale: (name: string) => boolean,
  signal?: AbortSignal,
): Promise<void> {
  const open: { readonly writable: FileSystemWritableFileStream; readonly undo: () => Promise<void> }[] = [];
  const note = noteName(crypto.randomUUID().slice(0, 8));
  let [isNoted, isClosed] = [false, false];
  try {
    const before: string[] = [];
    for await (const [name] of directory.entries()) before.push(name);
    for (const file of files) {
      const { handle, undo } = await fileHandle(directory, file.name);
      const writable = await handle.createWritable();
      open.push({ writable, undo });
      for (const chunk of file.chunks()) {
        signal?.throwIfAborted();
        await writable.write(chunk.slice());
      }
    }
    signal?.throwIfAborted();
    const gone = before.filter((name) => isStale(name));
    const notes = before.filter(isBrokenOff);
    // One file takes its place in one step.
    isNoted = files.length > 1 || gone.length > 0;
    if (isNoted) await directory.getFileHandle(note, { create: true });
    isClosed = true;
    for (const { writable } of open) await writable.close();
    for (const name of gone) await directory.removeEntry(name);
    for (const name of isNoted ? [...notes, note] : notes) await directory.removeEntry(name);
  } catch (cause) {
    const file = files[0]?.name;
    if (isNoted && isClosed)
      throw new CheckpointError(`only some files could take their places; save again: ${reasonOf(cause)}`, { file, cause });
    for (const { writable, undo } of open) {
      await writable.abort(cause).catch(() => undefined);
      await undo().catch(() => undefined);
    }
    if (isNoted) await directory.removeEntry(note).catch(() => undefined);
    signal?.throwIfAborted();
    throw new CheckpointError(`can't be written: ${reasonOf(cause)}`, { file, cause });
  }
}

/** A file in a folder or below it, and how to make it undone if it wasn't there. */
async function fileHandle(
  directory: FileSystemDirectoryHandle,
  path: string,
): Promise<{ readonly handle: FileSystemFileHandle; readonly undo: () => Promise<void> }> {
  const folders = path.split("/");
  const name = folders.pop() ?? "";
  let folder = directory;
  for (const part of folders) folder = await folder.getDirectoryHandle(part, { create: true });
  const wasThere = await folder.getFileHandle(name).then(
    () => true,
    () => false,
  );
  const handle = await folder.getFileHandle(name, { create: true });
  return { handle, undo: async () => (wasThere ? undefined : folder.removeEntry(name)) };
}
