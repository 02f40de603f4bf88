/**
 * The cache folder that Hugging Face's Python library uses too, in its layout: `blobs/<etag>` holds the bytes, `snapshots/<commit>/<name>`
 * links to them, `refs/<revision>` tells a branch's commit. huggingface_hub, `file_download.py`, `scan_cache_dir`.
 */

import { randomUUID } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, relative, resolve, sep } from "node:path";
import { env } from "node:process";
import { CheckpointError } from "../checkpoint-error.ts";
import type { SourceFile } from "../source-file.ts";
import { keepDownload } from "./node-download.ts";
import { inHome, openFile } from "./node-files.ts";
import { sweepLeftovers, writeChunks } from "./node-save.ts";
import type { CacheFolder, HubCache, RemoteFile } from "./types.ts";

/** HF_HUB_CACHE, or `hub` in HF_HOME, or the user's cache folder. */
export function cacheFolder(): string {
  const home = env["HF_HOME"] ?? join(env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "huggingface");
  return env["HF_HUB_CACHE"] ?? env["HUGGINGFACE_HUB_CACHE"] ?? join(home, "hub");
}

/** @throws CheckpointError for a browser's handle */
export function placeOf(directory: CacheFolder | undefined): string {
  if (typeof directory === "object") throw new CheckpointError("the cache's folder is named by its path here, not by a handle");
  return resolve(inHome(directory ?? cacheFolder()));
}

export async function nodeHubCache(repository: string, directory: CacheFolder | undefined): Promise<HubCache> {
  return new DiskCache(join(placeOf(directory), `models--${repository.replaceAll("/", "--")}`));
}

class DiskCache implements HubCache {
  readonly place: string;

  constructor(place: string) {
    this.place = place;
  }

  async commitOf(revision: string): Promise<string | undefined> {
    try {
      return (await readFile(this.#inside("refs", revision), "utf8")).trim();
    } catch {
      return undefined;
    }
  }

  async remember(revision: string, commit: string): Promise<void> {
    if (revision === commit || (await this.commitOf(revision)) === commit) return;
    const path = this.#inside("refs", revision);
    await mkdir(dirname(path), { recursive: true });
    await replace(path, async (temporary) => {
      await writeChunks(temporary, [new TextEncoder().encode(commit)]);
    });
  }

  async list(commit: string): Promise<readonly string[]> {
    const snapshot = this.#inside("snapshots", commit);
    const names: string[] = [];
    const paths = await readdir(snapshot, { recursive: true }).catch(() => []);
    for (const path of paths) if (await openFile(join(snapshot, path))) names.push(path.split(sep).join("/"));
    return names.sort();
  }

  find(commit: string, name: string): Promise<SourceFile | undefined> {
    return openFile(this.#inside("snapshots", commit, name), "same");
  }

  async store(
    commit: string,
    file: RemoteFile,
    download: (begun?: SourceFile) => AsyncIterable<Uint8Array>,
  ): Promise<SourceFile | undefined> {
    const blob = this.#inside("blobs", file.etag);
    const pointer = this.#inside("snapshots", commit, file.name);
    const isReady = await Promise.all([blob, pointer].map((path) => mkdir(dirname(path), { recursive: true }))).catch(() => undefined);
    if (!isReady || !(await keepDownload(blob, file.size, download))) return undefined;
    await link(blob, pointer).catch(() => undefined);
    return this.find(commit, file.name);
  }

  /** A path below this repository's folder; names come from the network. */
  #inside(...parts: readonly string[]): string {
    const path = join(this.place, ...parts);
    if (path.startsWith(this.place + sep)) return path;
    throw new CheckpointError("the name leads out of the cache folder", { file: parts.join("/") });
  }
}

/** Fills a file under a name that only this call uses, then renames it: no reader ever sees half a file. Python's library does the same.
 * What calls that were killed left is swept. */
async function replace(path: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.${randomUUID().slice(0, 8)}.incomplete`;
  try {
    await fill(temporary);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
  await sweepLeftovers(dirname(path), /^(.*)\.([0-9a-f]{8})\.incomplete$/, () => true);
}

/** Relative, so that the cache folder can be moved. Where links aren't allowed (Windows), the file is copied, as Python's library does. */
async function link(blob: string, pointer: string): Promise<void> {
  if (await openFile(pointer)) return;
  await replace(pointer, async (temporary) => {
    await symlink(relative(dirname(pointer), blob), temporary).catch(() => copyFile(blob, temporary));
  });
}
