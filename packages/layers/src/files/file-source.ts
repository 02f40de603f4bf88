/** A place with files: a folder, an address, a repository, a handful of bytes. */

import { CheckpointError, quote } from "./checkpoint-error.ts";
import { checkFileName } from "./file-name.ts";
import { checkSize } from "./limits.ts";
import { readText, type SourceFile } from "./source-file.ts";

export interface FileSize {
  readonly bytes: number;
  /** Whether it needn't be fetched: it is kept here, or was never elsewhere. */
  readonly cached: boolean;
}

export interface FileSource {
  /** What messages call it: a path, an address, a repository and where it was looked for. */
  readonly label: string;
  /** The one file that was asked for, where the location named a file rather than a folder. */
  readonly file?: string | undefined;
  /** The names of the files, where the place can tell. */
  list?(): Promise<readonly string[]>;
  has(name: string): Promise<boolean>;
  /** @throws CheckpointError when there is no such file */
  open(name: string): Promise<SourceFile>;
  /** @throws CheckpointError when there is no such file or it isn't UTF-8 */
  readText(name: string): Promise<string>;
  /** How long a file is, without loading it; undefined where there is none. */
  sizeOf?(name: string): Promise<FileSize | undefined>;
  /** Makes these files quick to open: loads them into the cache, under one progress figure. */
  prepare?(names: readonly string[]): Promise<void>;
}

export const isFileSource = (where: object | string | null): where is FileSource =>
  typeof where === "object" && where !== null && "readText" in where;

/** A folder of a source, as a source. */
export function subfolder(source: FileSource, path: string): FileSource {
  const folder = checkFileName(path.replace(/\/$/, ""), source.label);
  const inside = (name: string): string => `${folder}/${name}`;
  const { list, prepare, sizeOf } = source;
  return {
    get label() {
      return `${source.label}/${folder}`;
    },
    open: (name) => source.open(inside(name)),
    has: (name) => source.has(inside(name)),
    readText: (name) => source.readText(inside(name)),
    ...(list && {
      list: async () => (await list()).flatMap((name) => (name.startsWith(inside("")) ? [name.slice(folder.length + 1)] : [])),
    }),
    ...(prepare && { prepare: (names) => prepare(names.map(inside)) }),
    ...(sizeOf && { sizeOf: (name) => sizeOf(inside(name)) }),
  };
}

/** What a place must be able to do. */
export interface Place {
  readonly label: string;
  readonly file?: string | undefined;
  list?(): Promise<readonly string[]>;
  /** Default: `open` finds it. */
  has?(name: string): Promise<boolean>;
  /** @returns undefined when there is no such file */
  open(name: string): Promise<SourceFile | undefined>;
  sizeOf?(name: string): Promise<FileSize | undefined>;
  prepare?(names: readonly string[]): Promise<void>;
}

export interface PlaceOptions {
  readonly maxFileBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A source of files that lie at `place`. Names are checked, none leads out of it, and so are sizes. */
export function fileSource(place: Place, { maxFileBytes, signal }: PlaceOptions = {}): FileSource {
  const open = async (name: string): Promise<SourceFile> => {
    signal?.throwIfAborted();
    const found = await place.open(checkFileName(name, place.label));
    if (found) {
      checkSize(name, found.size, found.label, maxFileBytes);
      return found;
    }
    throw new CheckpointError(`there is no ${quote(name)}`, { file: place.label });
  };
  return {
    get label() {
      return place.label;
    },
    file: place.file,
    open,
    has: async (name) => {
      signal?.throwIfAborted();
      checkFileName(name, place.label);
      return place.has ? place.has(name) : (await place.open(name)) !== undefined;
    },
    readText: async (name) => readText(await open(name), signal),
    ...(place.list && { list: () => place.list?.() ?? Promise.resolve([]) }),
    ...(place.sizeOf && { sizeOf: async (name) => place.sizeOf?.(checkFileName(name, place.label)) }),
    ...(place.prepare && { prepare: async (names) => place.prepare?.(names) }),
  };
}
