/** What differs between platforms: the filesystem, environment variables, and where the hub's files are kept. */

import type { SourceFile } from "../source-file.ts";

/** A file that is about to be written. */
export interface OutgoingFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Its bytes in order; each chunk is only valid until the next one. May be called again. */
  chunks(): Iterable<Uint8Array>;
}

/** The files of a folder, by names with forward slashes. */
export interface Folder {
  list(): Promise<readonly string[]>;
  /** @returns undefined when there is no such file */
  open(name: string): Promise<SourceFile | undefined>;
}

export interface FileSystem {
  /** Whether there is a file, a folder or nothing at this path. */
  kindOf(path: string): Promise<"file" | "directory" | undefined>;
  folder(directory: string): Folder;
  /** The folder that a path lies in, and its last part. */
  split(path: string): readonly [directory: string, name: string];
  /** A path as the system takes it: `~` is the user's folder. */
  resolve(path: string): string;
  /** `file:` addresses to paths. */
  pathOf(url: URL): string;
  /**
   * Writes all files or none, even if the process is killed, and removes what `isStale` names. Folders are made as needed. After a failure or an abort,
   * what was there before is untouched and no temporary file is left; what a killed process left is swept ten minutes later.
   */
  write(directory: string, files: readonly OutgoingFile[], isStale: (name: string) => boolean, signal?: AbortSignal): Promise<void>;
}

/** What is known about a file of a repository before it is loaded. */
export interface RemoteFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** SHA-256 of the content for large files, the git object's id otherwise. */
  readonly etag: string;
}

/** A hash in the making. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  hex(): string;
}

/** Where one repository's files are kept. Commits are hashes; revisions may also be branches and tags. */
export interface HubCache {
  /** For messages: the path or the cache's name. */
  readonly place: string;
  /** The commit that a branch or tag pointed to when it was last asked for. */
  commitOf(revision: string): Promise<string | undefined>;
  remember(revision: string, commit: string): Promise<void>;
  /** The names of the files that are there. */
  list(commit: string): Promise<readonly string[]>;
  find(commit: string, name: string): Promise<SourceFile | undefined>;
  /**
   * Keeps a file. Only a whole one ever becomes visible to `find`; where the place can, what came before a failure is what the next call begins with.
   * @param download the file's bytes, checked; those of `begun`, its first ones, needn't be fetched
   * @returns undefined where nothing can be kept: the disk is full, or may not be written
   * @throws what `download` throws
   */
  store(commit: string, file: RemoteFile, download: (begun?: SourceFile) => AsyncIterable<Uint8Array>): Promise<SourceFile | undefined>;
}

/** What is used of `@huggingface/hub`. */
export type Hub = Pick<typeof import("@huggingface/hub"), "listFiles" | "modelInfo">;

/** A folder on a disk by its path or, in browsers, by its handle. */
export type CacheFolder = string | FileSystemDirectoryHandle;

/** What of the hub is kept in a place. */
export interface CacheContents {
  list(): Promise<{ readonly repository: string; readonly bytes: number; readonly files: number }[]>;
  remove(repository: string): Promise<void>;
}

export interface Platform {
  /** undefined in browsers. */
  readonly files: FileSystem | undefined;
  /** An environment variable; undefined in browsers. */
  environment(name: string): string | undefined;
  hasher(algorithm: "sha1" | "sha256"): Promise<Hasher>;
  /** Loads the hub's library. */
  hub(): Promise<Hub>;
  /** @returns undefined when nothing can be kept here */
  hubCache(repository: string, directory: CacheFolder | undefined): Promise<HubCache | undefined>;
  cacheContents(directory: CacheFolder | undefined): Promise<CacheContents>;
}
