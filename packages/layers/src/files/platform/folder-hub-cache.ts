/**
 * The hub's files in a folder that a page has a handle of: the origin's private one, or one that the user opened. As in Python's cache, `blobs/<etag>` holds
 * bytes; of a download that broke off, the first ones. `snapshots/<commit>/<name>` names a blob and its length, and is written once its hash was found right.
 */
import { blobFile } from "../blob-file.ts";
import type { SourceFile } from "../source-file.ts";
import type { CacheContents, HubCache, RemoteFile } from "./types.ts";

/** A folder in the given one, so that what else is there stays out of it. */
const ROOM = "huggingface-hub";

/** What is written counts once its file is closed. It is closed, and opened again, whenever it has grown by half, from this many bytes on. */
const FIRST_STOP = 1 << 25;
const GROWTH = 1.5;

export const folderHubCache = (repository: string, folder: FileSystemDirectoryHandle): HubCache => new FolderCache(repository, folder);

class FolderCache implements HubCache {
  readonly place: string;
  readonly #folder: FileSystemDirectoryHandle;
  readonly #repository: string;

  constructor(repository: string, folder: FileSystemDirectoryHandle) {
    this.place = `the folder ${JSON.stringify(folder.name)}`;
    this.#folder = folder;
    this.#repository = repository;
  }

  async commitOf(revision: string): Promise<string | undefined> {
    return (await this.#read("refs", revision))?.text();
  }

  async remember(revision: string, commit: string): Promise<void> {
    if (revision !== commit) await this.#write(commit, "refs", revision);
  }

  async list(commit: string): Promise<readonly string[]> {
    const names: string[] = [];
    for await (const name of keysOf(await this.#open(["snapshots", commit], false))) names.push(decodeURIComponent(name));
    return names.sort();
  }

  async find(commit: string, name: string): Promise<SourceFile | undefined> {
    const [etag = "", size] = ((await (await this.#read("snapshots", commit, name))?.text()) ?? "").split(" ");
    const blob = etag === "" ? undefined : await this.#read("blobs", etag);
    return blob && blob.size === Number(size) ? blobFile(blob, name) : undefined;
  }

  async store(
    commit: string,
    file: RemoteFile,
    download: (begun?: SourceFile) => AsyncIterable<Uint8Array>,
  ): Promise<SourceFile | undefined> {
    const before = await this.#read("blobs", file.etag);
    const begun = before && before.size > 0 && before.size <= file.size ? blobFile(before, file.name) : undefined;
    if (!(await this.#fill(file, download, begun))) return undefined;
    await this.#write(`${file.etag} ${file.size}`, "snapshots", commit, file.name).catch(() => undefined);
    return this.find(commit, file.name);
  }

  /** @returns false when the place refuses @throws what `download` throws */
  async #fill(
    file: RemoteFile,
    download: (begun?: SourceFile) => AsyncIterable<Uint8Array>,
    begun: SourceFile | undefined,
  ): Promise<boolean> {
    let writable: FileSystemWritableFileStream | undefined;
    let [position, isDownloaded] = [0, false];
    let failure: { readonly cause: unknown } | undefined;
    try {
      const handle = await (await this.#open(["blobs"], true))?.getFileHandle(file.etag, { create: true });
      if (!handle) return false;
      writable = await handle.createWritable({ keepExistingData: begun !== undefined });
      let stop = Math.max(FIRST_STOP, (begun?.size ?? 0) * GROWTH);
      const chunks = download(begun)[Symbol.asyncIterator]();
      for (;;) {
        const next = await chunks.next().catch((cause: unknown) => {
          failure = { cause };
          return { done: true, value: undefined };
        });
        if (next.done === true || !next.value) break;
        const at = position;
        position += next.value.length;
        if (begun && position <= begun.size) continue; // is there
        await writable.write({ type: "write", position: at, data: next.value.slice() });
        if (position < stop) continue;
        await writable.close();
        writable = await handle.createWritable({ keepExistingData: true });
        stop = position * GROWTH;
      }
      isDownloaded = position === file.size;
      // What is whole and was refused goes, and so does what it began with.
      if (failure && isDownloaded) await writable.truncate(0);
      await writable.close();
    } catch {
      await writable?.abort().catch(() => undefined);
      if (!failure) return false;
    }
    if (!failure) return true;
    if (begun && isDownloaded) return this.#fill(file, download, undefined);
    throw failure.cause;
  }

  async #open(path: readonly string[], create: boolean): Promise<FileSystemDirectoryHandle | undefined> {
    let folder = this.#folder;
    try {
      for (const part of [ROOM, this.#repository, ...path]) folder = await folder.getDirectoryHandle(encodeURIComponent(part), { create });
      return folder;
    } catch {
      return undefined;
    }
  }

  async #read(...path: readonly string[]): Promise<File | undefined> {
    const name = encodeURIComponent(path.at(-1) ?? "");
    const handle = await (await this.#open(path.slice(0, -1), false))?.getFileHandle(name).catch(() => undefined);
    return handle?.getFile();
  }

  async #write(text: string, ...path: readonly string[]): Promise<void> {
    const folder = await this.#open(path.slice(0, -1), true);
    const handle = await folder?.getFileHandle(encodeURIComponent(path.at(-1) ?? ""), { create: true });
    const writable = await handle?.createWritable();
    await writable?.write(text);
    await writable?.close();
  }
}

async function* keysOf(folder: FileSystemDirectoryHandle | undefined): AsyncGenerator<string> {
  if (folder) for await (const [name] of folder.entries()) yield name;
}

/** What a folder holds, its downloads that broke off with it. */
export function folderContents(folder: FileSystemDirectoryHandle): CacheContents {
  const room = (): Promise<FileSystemDirectoryHandle | undefined> => folder.getDirectoryHandle(ROOM).catch(() => undefined);
  return {
    async list() {
      const found = [];
      const repositories = await room();
      for await (const name of keysOf(repositories)) {
        let [bytes, files] = [0, 0];
        const blobs = await (await repositories?.getDirectoryHandle(name))?.getDirectoryHandle("blobs").catch(() => undefined);
        for await (const etag of keysOf(blobs)) {
          bytes += (await (await blobs?.getFileHandle(etag))?.getFile())?.size ?? 0;
          files++;
        }
        found.push({ repository: decodeURIComponent(name), bytes, files });
      }
      return found.sort((a, b) => (a.repository < b.repository ? -1 : 1));
    },
    async remove(repository) {
      await (await room())?.removeEntry(encodeURIComponent(repository), { recursive: true });
    },
  };
}
