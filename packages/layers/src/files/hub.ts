/**
 * Files of a model repository on the Hugging Face hub. What there is, its own library, `@huggingface/hub`, asks, which is only loaded when something has
 * to be fetched; the files' bytes come as any server's, one request each. They are kept where the platform keeps such files: Python's cache folder, or the browser's cache.
 */

import { XError } from "@x/core-wasm";
import { platform } from "#platform";
import type { CacheFolder, Hub, HubCache, RemoteFile } from "./platform/types.ts";
import { bytesFile } from "./blob-file.ts";
import { PassingError } from "./careful-fetch.ts";
import { CheckpointError, quote, reasonOf } from "./checkpoint-error.ts";
import { checkFileName } from "./file-name.ts";
import { type FileSize, type FileSource, fileSource, type Place } from "./file-source.ts";
import { checkSize, isText } from "./limits.ts";
import { type Access, accessOf, type HubConnection, loadHub, mayPass, refusal, statusOf } from "./hub-access.ts";
import { aboveZero, aFlag, aFunction, aSignal, aText, either, type RulesOf, shaped, type ValueRule } from "../options.ts";
import { retried, retrying } from "./retrying.ts";
import { chunksOf, type Progress, readBytes, type SourceFile } from "./source-file.ts";
import { verified } from "./verified.ts";

export interface HubOptions extends HubConnection {
  /** A branch, tag or commit. Default `main`. */
  readonly revision?: string | undefined;
  /** Use the cache only. Default HF_HUB_OFFLINE. */
  readonly offline?: boolean | undefined;
  /**
   * Where files are kept. Default HF_HUB_CACHE, `hub` in HF_HOME, or `~/.cache/huggingface/hub`, whose downloads go on where an earlier process left them. In browsers the
   * default is their Cache API; a folder, such as `await navigator.storage.getDirectory()`, can go on with what an earlier visit left, too.
   */
  readonly cacheDir?: CacheFolder | undefined;
  /** The most that one file may have, in bytes. Default: 100 MB for texts and settings, no limit for weights. */
  readonly maxFileBytes?: number | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export const aCacheFolder: ValueRule = either(aText, shaped("a folder's handle", "getDirectoryHandle"));

export const hubRules: RulesOf<HubOptions> = {
  revision: aText,
  token: aText,
  offline: aFlag,
  cacheDir: aCacheFolder,
  hubUrl: aText,
  fetch: aFunction,
  idleTimeout: aboveZero,
  maxFileBytes: aboveZero,
  onProgress: aFunction,
  signal: aSignal,
};

/**
 * The files of a repository such as `google/vit-base-patch16-224`.
 * Which commit a branch points to is asked once; when the hub can't be reached, the one last seen is used.
 */
export async function hubSource(repository: string, options: HubOptions = {}): Promise<FileSource> {
  return fileSource(new HubPlace(repository, options, await platform.hubCache(repository, options.cacheDir)), options);
}

/** The longest answer to a question about a repository, in bytes; a page of its files has 0.3 MB. */
const LONGEST_ANSWER = 20_000_000;
/** A page lists 1000 files. */
const MOST_PAGES = 1000;

const isTrue = (text: string | undefined): boolean => ["1", "ON", "YES", "TRUE"].includes((text ?? "").toUpperCase());
const isCommit = (revision: string): boolean => /^[0-9a-f]{40}$/.test(revision);

class HubPlace implements Place {
  readonly #repository: string;
  readonly #revision: string;
  readonly #options: HubOptions;
  /** Also once the hub turned out to be unreachable. */
  #offline: boolean;
  /** None, too, once it turned out that nothing can be kept. */
  #cache: HubCache | undefined;
  #commitFound: Promise<string> | undefined;
  #filesFound: Promise<ReadonlyMap<string, RemoteFile>> | undefined;

  constructor(repository: string, options: HubOptions, cache: HubCache | undefined) {
    this.#repository = repository;
    this.#revision = checkFileName(options.revision ?? "main", repository);
    this.#options = options;
    this.#offline = options.offline ?? isTrue(platform.environment("HF_HUB_OFFLINE"));
    this.#cache = cache;
  }

  get label(): string {
    const where = this.#cache ? `looked for in ${this.#cache.place}` : "and nothing is kept here";
    return `${this.#repository} (revision ${this.#revision}${this.#offline ? `; offline, ${where}` : ""})`;
  }

  async list(): Promise<readonly string[]> {
    if (this.#offline) return (await this.#cache?.list(await this.#commit())) ?? [];
    return [...(await this.#files()).keys()];
  }

  async has(name: string): Promise<boolean> {
    if (await this.#cached(name)) return true;
    return !this.#offline && (await this.#files()).has(name);
  }

  async open(name: string): Promise<SourceFile | undefined> {
    const cached = await this.#cached(name);
    if (cached || this.#offline) return cached;
    const file = (await this.#files()).get(name);
    return file && this.#download(file, () => undefined);
  }

  async sizeOf(name: string): Promise<FileSize | undefined> {
    const file = (await this.#cached(name)) ?? (this.#offline ? undefined : (await this.#files()).get(name));
    return file && { bytes: file.size, cached: "stream" in file };
  }

  async prepare(names: readonly string[]): Promise<void> {
    if (this.#offline || !this.#cache) return;
    const absent: RemoteFile[] = [];
    for (const name of names) {
      const file = (await this.#cached(name)) ? undefined : (await this.#files()).get(name);
      if (file) absent.push(file);
    }
    // Of weights alone, so that there is one figure: an index of shards comes before them.
    const counts = ({ name }: RemoteFile): boolean => !isText(name);
    const total = absent.filter(counts).reduce((sum, { size }) => sum + size, 0);
    let before = 0;
    for (const file of absent) {
      await this.#download(file, (loaded) => {
        if (counts(file)) this.#options.onProgress?.({ file: file.name, loaded: before + loaded, total });
      });
      if (counts(file)) before += file.size;
    }
  }

  async #cached(name: string): Promise<SourceFile | undefined> {
    return this.#cache?.find(await this.#commit(), name);
  }

  /** What can't be kept is read from the hub as it is needed: texts at once, their hash being compared, weights in parts. */
  async #download(file: RemoteFile, onLoaded: (bytes: number) => void): Promise<SourceFile> {
    const commit = await this.#commit();
    checkSize(file.name, file.size, this.label, this.#options.maxFileBytes);
    const label = `${this.#repository}/${file.name}`;
    const stream: SourceFile["stream"] = (begin, end, signal = this.#options.signal) =>
      retrying((position) => this.#part(commit, file, position, end, signal), begin, end, label, signal);
    async function* goingOn(begun: SourceFile): AsyncGenerator<Uint8Array> {
      yield* begun.stream(0, begun.size);
      yield* stream(begun.size, file.size);
    }
    const whole = (begun?: SourceFile): AsyncIterable<Uint8Array> =>
      counted(verified(file, begun ? goingOn(begun) : stream(0, file.size), platform.hasher), onLoaded);
    const kept = await this.#cache?.store(commit, file, whole);
    if (kept) return kept;
    this.#cache = undefined;
    if (!isText(file.name)) return { label, size: file.size, stream };
    return bytesFile(await readBytes({ label, size: file.size, stream: () => whole() }, 0, file.size), label);
  }

  /** The bytes [begin, end) of a file, in one request. */
  async *#part(commit: string, file: RemoteFile, begin: number, end: number, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const { fetch: send, accessToken, hubUrl } = accessOf(this.#options, Infinity);
    const path = file.name.split("/").map(encodeURIComponent).join("/");
    const isWhole = begin === 0 && end === file.size;
    const response = await send(`${hubUrl}/${this.#repository}/resolve/${commit}/${path}`, {
      headers: {
        ...(accessToken !== undefined && { Authorization: `Bearer ${accessToken}` }),
        ...(!isWhole && { Range: `bytes=${begin}-${end - 1}` }),
      },
    });
    if (response.ok) return yield* chunksOf(response.body ?? new Blob([]).stream(), signal);
    await response.body?.cancel();
    const { status } = response;
    const cause = new XError(`the hub answers ${status} ${response.statusText}`.trimEnd());
    throw mayPass(status) ? new PassingError(cause.message) : refusal(this.label, `the file ${quote(file.name)}`, status, cause);
  }

  /** What the revision points to now, or did when the hub was last reached. */
  #commit(): Promise<string> {
    this.#commitFound ??= this.#findCommit();
    return this.#commitFound;
  }

  async #findCommit(): Promise<string> {
    if (isCommit(this.#revision)) return this.#revision;
    const last = await this.#cache?.commitOf(this.#revision);
    if (this.#offline) {
      if (last !== undefined) return last;
      throw new CheckpointError("the repository or this revision was never loaded here", { file: this.label });
    }
    try {
      const { sha } = await this.#ask("the repository", (hub, access) =>
        hub.modelInfo({ ...access, name: this.#repository, revision: this.#revision, additionalFields: ["sha"] }),
      );
      if (!isCommit(sha)) throw new CheckpointError("the hub's answer has no commit", { file: this.label, found: quote(String(sha)) });
      await this.#cache?.remember(this.#revision, sha).catch(() => undefined); // only for when the hub can't be reached
      return sha;
    } catch (error) {
      // Refused (no such repository, no access) is final; unreachable is not.
      if (last !== undefined && error instanceof CheckpointError && error.cause !== undefined && statusOf(error.cause) === undefined) {
        this.#offline = true;
        return last;
      }
      throw error;
    }
  }

  #files(): Promise<ReadonlyMap<string, RemoteFile>> {
    this.#filesFound ??= this.#findFiles();
    return this.#filesFound;
  }

  async #findFiles(): Promise<ReadonlyMap<string, RemoteFile>> {
    const commit = await this.#commit();
    const entries = await this.#ask("the repository's files", async (hub, access) => {
      const all = [];
      let pages = 0;
      const counting: typeof fetch = (input, init) => {
        if (++pages > MOST_PAGES)
          throw new CheckpointError(`the hub's list of files has more than ${MOST_PAGES} pages`, { file: this.label });
        return access.fetch(input, init);
      };
      const listing = hub.listFiles({ ...access, fetch: counting, repo: this.#repository, revision: commit, recursive: true });
      for await (const entry of listing) all.push(entry);
      return all;
    });
    const files = new Map<string, RemoteFile>();
    for (const { type, path, size: plainSize, oid, lfs } of entries) {
      const etag = lfs?.oid ?? oid ?? "";
      const size = lfs?.size ?? plainSize;
      if (type !== "file") continue;
      if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(etag))
        throw new CheckpointError("the hub's answer has a file without an id", { file: this.label });
      if (!Number.isSafeInteger(size) || size < 0)
        throw new CheckpointError("the hub's answer has a file without a size", { file: this.label, found: String(size) });
      files.set(path, { name: path, size, etag });
    }
    return files;
  }

  /** One question to the hub; its refusals become errors that say what to do. */
  async #ask<T>(what: string, question: (hub: Hub, access: Access) => Promise<T>): Promise<T> {
    const { signal } = this.#options;
    const attempt = async (): Promise<T> => {
      signal?.throwIfAborted();
      try {
        return await question(await loadHub(), accessOf(this.#options, LONGEST_ANSWER));
      } catch (cause) {
        signal?.throwIfAborted();
        const status = statusOf(cause);
        if (status === undefined ? cause instanceof CheckpointError : !mayPass(status)) {
          throw status === undefined ? cause : refusal(this.label, what, status, cause);
        }
        const retryAfter = cause instanceof PassingError ? cause.retryAfter : 0;
        throw new PassingError(`${what} can't be loaded from the hub: ${reasonOf(cause)}`, { cause, retryAfter });
      }
    };
    return retried(attempt, this.label, signal);
  }
}

async function* counted(chunks: AsyncIterable<Uint8Array>, onLoaded: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  let loaded = 0;
  for await (const chunk of chunks) {
    yield chunk;
    loaded += chunk.length;
    onLoaded(loaded);
  }
}
