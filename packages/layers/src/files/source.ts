/** From whatever names a place with files to a `FileSource`. */

import { platform } from "#platform";
import { kindOf, shown } from "../errors.ts";
import { CheckpointError, quote } from "./checkpoint-error.ts";
import { type FileSource, subfolder } from "./file-source.ts";
import { type HubOptions, hubRules, hubSource } from "./hub.ts";
import { directoryHandleSource, folderSource } from "./directory.ts";
import { aText, oneOf, type RulesOf } from "../options.ts";
import { isAddress, isFolder } from "./place.ts";
import { bytesSource, type FileBytes, isFileBytes, mapSource } from "./memory.ts";

/**
 * - a string: a path (Node, Deno, Bun), an http(s) or file address, or a repository on the hub (`owner/name`)
 * - a URL: ends with `/`, or has no dot in its last part, for a folder
 * - bytes, a Blob or a File: one file
 * - a map: several files by name
 * - a directory handle: a folder that the user opened, or the origin's private one
 */
export type SourceLocation = string | URL | FileBytes | ReadonlyMap<string, FileBytes> | FileSystemDirectoryHandle;

/** `revision`, `token`, `offline`, `cacheDir`, `hubUrl` only matter to the hub. */
export interface SourceOptions extends HubOptions {
  /**
   * What a text may name, for names that strangers give: `hub` for a repository and nothing else, `folder` for a path on this disk and nothing else, so that
   * nothing is fetched (which folders, is for the caller to see to). Default: anything.
   */
  readonly only?: "hub" | "folder" | undefined;
  /** A folder in it where the files lie: `vae`, `checkpoints/last`. Default: they lie in the place itself. */
  readonly subfolder?: string | undefined;
}

export const sourceRules: RulesOf<SourceOptions> = { ...hubRules, only: oneOf("hub", "folder"), subfolder: aText };

/**
 * Opens a place with files. A string that begins with `.`, `/`, `~` or a drive letter, or ends like a file, is a path (in browsers: an
 * address relative to the page); one that is a path on this disk, too; anything else of the form `owner/name` is a repository.
 * @throws CheckpointError when the path doesn't exist or the string is none of these
 */
export async function openSource(where: SourceLocation, options: SourceOptions = {}): Promise<FileSource> {
  const source = await openPlace(where, options);
  return options.subfolder === undefined ? source : subfolder(source, options.subfolder);
}

async function openPlace(where: SourceLocation, options: SourceOptions): Promise<FileSource> {
  const { signal } = options;
  signal?.throwIfAborted();
  if (typeof where === "string") return openText(where, options);
  if (isFileBytes(where)) return bytesSource(where);
  if (isMap(where)) return mapSource(where);
  if (isAddress(where)) return openAddress(new URL(where), options);
  if (isFolder(where)) return directoryHandleSource(where, options);
  throw new CheckpointError("not a place with files", {
    expected: "a path, address, repository, bytes, a Map of names and bytes, or a directory handle",
    found: shown(where),
  });
}

const isMap = (where: unknown): where is ReadonlyMap<string, FileBytes> => kindOf(where) === "Map";

async function openText(where: string, options: SourceOptions): Promise<FileSource> {
  if (options.only === "folder") return openPath(where, options);
  if (options.only === "hub") return hubSource(checkRepository(where), options);
  if (/^(https?|file):/i.test(where)) return openAddress(new URL(where), options);
  const { files } = platform;
  const looksLikePath = /^([.~/\\]|[a-z]:)/i.test(where) || /\.(safetensors|bin|json|(pt|pth|ckpt)(\.tar)?)$/i.test(where);
  if (files && (looksLikePath || (await files.kindOf(where)) !== undefined)) return openPath(where, options);
  if (!files && looksLikePath && "location" in globalThis) return openAddress(new URL(where, globalThis.location.href), options);
  return hubSource(checkRepository(where), options);
}

/** The hub's own rules: no two repositories share a folder in the cache, whose names join the parts by `--`. */
function checkRepository(name: string): string {
  const parts = name.split("/");
  if (name.length <= 96 && parts.length <= 2 && parts.every((part) => /^\w([\w.-]*\w)?$/.test(part) && !/--|\.\./.test(part))) return name;
  throw new CheckpointError(`${quote(name)} is neither a path, nor an address, nor a repository`, { expected: "such as owner/name" });
}

async function openAddress(url: URL, options: SourceOptions): Promise<FileSource> {
  if (url.protocol === "file:") {
    if (platform.files) return openPath(platform.files.pathOf(url), options);
    throw new CheckpointError("there are no files on disk here", { file: url.href });
  }
  const parts = url.pathname.split("/");
  const last = decodeURIComponent(parts.at(-1) ?? "");
  const folder = new URL(url);
  folder.hash = "";
  folder.pathname = last.includes(".") ? parts.slice(0, -1).concat("").join("/") : url.pathname.replace(/\/?$/, "/");
  const { urlSource } = await import("./url.ts"); // pages that name a repository do without
  return urlSource(folder, last.includes(".") ? last : undefined, options);
}

async function openPath(given: string, options: SourceOptions): Promise<FileSource> {
  const { files } = platform;
  const path = files?.resolve(given) ?? given;
  const kind = await files?.kindOf(path);
  if (!files || kind === undefined) throw new CheckpointError("there is no such file or folder", { file: path });
  if (kind === "directory") return folderSource(files, path, undefined, options);
  const [directory, name] = files.split(path);
  return folderSource(files, directory, name, options);
}
