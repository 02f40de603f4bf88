/**
 * Files of a model repository on the Hugging Face hub, through its own library, `@huggingface/hub`, which is only loaded when something has
 * to be fetched. They are kept where the platform keeps such files: Python's cache folder, or the browser's cache.
 */

import { isError } from "../errors.ts";
import { platform } from "#platform";
import type { Hub, HubCache, RemoteFile } from "./platform/types.ts";
import { bytesFile } from "./blob-file.ts";
import { carefulFetch, IDLE_TIMEOUT, PassingError } from "./careful-fetch.ts";
import { CheckpointError, quote, reasonOf } from "./checkpoint-error.ts";
import { checkFileName } from "./file-name.ts";
import { type FileSource, fileSource, type Place } from "./file-source.ts";
import { checkSize, isText } from "./limits.ts";
import { aboveZero, aFlag, aFunction, aSignal, aText, type RulesOf } from "../options.ts";
import { retried, retrying } from "./retrying.ts";
import { chunksOf, type Progress, readBytes, type SourceFile } from "./source-file.ts";
import { verified } from "./verified.ts";

export interface HubOptions {
  /** A branch, tag or commit. Default `main`. */
  readonly revision?: string | undefined;
  /** An access token (`hf_…`), for private and gated repositories. Default HF_TOKEN. */
  readonly token?: string | undefined;
  /** Use the cache only. Default HF_HUB_OFFLINE. */
  readonly offline?: boolean | undefined;
  /** Where files are kept. Default HF_HUB_CACHE, `hub` in HF_HOME, or `~/.cache/huggingface/hub`; browsers have one place. */
  readonly cacheDir?: string | undefined;
  /** The hub's address. Default HF_ENDPOINT, or https://huggingface.co. */
  readonly hubUrl?: string | undefined;
  /** Used instead of the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
  /** Seconds without a sign of life before a server's answer is given up, and asked for again. Default 30. For all of it: `signal: AbortSignal.timeout(…)`. */
  readonly idleTimeout?: number | undefined;
  /** The most that one file may have, in bytes. Default: 100 MB for texts and settings, no limit for weights. */
  readonly maxFileBytes?: number | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Ends everything that this source has under way. */
  readonly signal?: AbortSignal | undefined;
}

export const hubRules: RulesOf<HubOptions> = {
  revision: aText,
  token: aText,
  offline: aFlag,
  cacheDir: aText,
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
export function hubSource(repository: string, options: HubOptions = {}): FileSource {
  return fileSource(new HubPlace(repository, options), options);
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

  constructor(repository: string, options: HubOptions) {
    this.#repository = repository;
    this.#revision = checkFileName(options.revision ?? "main", repository);
    this.#options = options;
    this.#offline = options.offline ?? isTrue(platform.environment("HF_HUB_OFFLINE"));
    this.#cache = platform.hubCache(repository, options.cacheDir);
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

  async prepare(names: readonly string[]): Promise<void> {
    if (this.#offline || !this.#cache) return;
    const absent: RemoteFile[] = [];
    for (const name of names) {
      const file = (await this.#cached(name)) ? undefined : (await this.#files()).get(name);
      if (file) absent.push(file);
    }
    const total = absent.reduce((sum, { size }) => sum + size, 0);
    let before = 0;
    for (const file of absent) {
      await this.#download(file, (loaded) => this.#options.onProgress?.({ file: file.name, loaded: before + loaded, total }));
      before += file.size;
    }
  }

  async #cached(name: string): Promise<SourceFile | undefined> {
    return this.#cache?.find(await this.#commit(), name);
  }

  /** What can't be kept is read from the hub as it is needed: texts at once, their hash being compared, weights in parts. */
  async #download(file: RemoteFile, onLoaded: (bytes: number) => void): Promise<SourceFile> {
    const commit = await this.#commit();
    checkSize(file.name, file.size, this.label, this.#options.maxFileBytes);
    const blob = await this.#ask(`the file ${quote(file.name)}`, Infinity, (hub, access) =>
      hub.downloadFile({ ...access, repo: this.#repository, path: file.name, revision: commit }),
    );
    if (!blob) throw new CheckpointError(`${quote(file.name)} has gone`, { file: this.label });
    const label = `${this.#repository}/${file.name}`;
    const stream: SourceFile["stream"] = (begin, end, signal = this.#options.signal) =>
      retrying((position) => chunksOf(blob.slice(position, end).stream(), signal), begin, end, label, signal);
    const whole = (): AsyncIterable<Uint8Array> => counted(verified(file, stream(0, file.size), platform.hasher), onLoaded);
    const kept = await this.#cache?.store(commit, file, whole());
    if (kept) return kept;
    this.#cache = undefined;
    if (!isText(file.name)) return { label, size: file.size, stream };
    return bytesFile(await readBytes({ label, size: file.size, stream: whole }, 0, file.size), label);
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
      const { sha } = await this.#ask("the repository", LONGEST_ANSWER, (hub, access) =>
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
    const entries = await this.#ask("the repository's files", LONGEST_ANSWER, async (hub, access) => {
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

  /** One request to the hub; its refusals become errors that say what to do. */
  async #ask<T>(what: string, mostBytes: number, request: (hub: Hub, access: Access) => Promise<T>): Promise<T> {
    const { signal, token = platform.environment("HF_TOKEN"), hubUrl = platform.environment("HF_ENDPOINT") } = this.#options;
    const { fetch: send = fetch, idleTimeout = IDLE_TIMEOUT } = this.#options;
    const careful = carefulFetch(send, { idleTimeout, mostBytes, signal });
    const access: Access = {
      fetch: withoutStrangers(careful, token, hubUrl),
      ...(hubUrl !== undefined && hubUrl !== "" && { hubUrl: hubUrl.replace(/\/+$/, "") }),
      ...(token !== undefined && token !== "" && { accessToken: token }),
    };
    const attempt = async (): Promise<T> => {
      signal?.throwIfAborted();
      try {
        return await request(await loadHub(), access);
      } catch (cause) {
        signal?.throwIfAborted();
        const status = statusOf(cause);
        if (status === undefined ? cause instanceof CheckpointError : status < 500 && status !== 429) {
          throw status === undefined ? cause : refusal(this.label, what, status, cause);
        }
        const retryAfter = cause instanceof PassingError ? cause.retryAfter : 0;
        throw new PassingError(`${what} can't be loaded from the hub: ${reasonOf(cause)}`, { cause, retryAfter });
      }
    };
    return retried(attempt, this.label, signal);
  }
}

interface Access {
  readonly fetch: typeof fetch;
  readonly hubUrl?: string | undefined;
  readonly accessToken?: string | undefined;
}

/** The hub's token goes to the hub alone, wherever its answers lead. */
const withoutStrangers =
  (send: typeof fetch, token: string | undefined, hubUrl = "https://huggingface.co"): typeof fetch =>
  (input, init = {}) => {
    const headers = new Headers(init.headers);
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.origin !== new URL(hubUrl).origin && headers.get("authorization") === `Bearer ${token}`) headers.delete("authorization");
    return send(input, { ...init, headers });
  };

async function loadHub(): Promise<Hub> {
  try {
    return await platform.hub();
  } catch (cause) {
    throw new CheckpointError(`loading from the hub needs the package @huggingface/hub: ${reasonOf(cause)}`, { cause });
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

/** The HTTP status of a `HubApiError`. */
function statusOf(cause: unknown): number | undefined {
  return isError(cause) && "statusCode" in cause && typeof cause.statusCode === "number" ? cause.statusCode : undefined;
}

function refusal(label: string, what: string, status: number, cause: unknown): CheckpointError {
  const advice =
    status === 401 || status === 403
      ? "it doesn't exist, or is private or gated: accept its terms on its page and give a token (option `token`, or HF_TOKEN)"
      : status === 404
        ? "there is no such repository or revision"
        : reasonOf(cause);
  return new CheckpointError(`the hub refuses ${what} (${status}): ${advice}`, { file: label, cause });
}
