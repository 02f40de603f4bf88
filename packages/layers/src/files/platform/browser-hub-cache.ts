/** The browser's Cache API: an entry only appears when its body came whole, and outlives the page. */

import { CheckpointError, reasonOf } from "../checkpoint-error.ts";
import { blobFile } from "../blob-file.ts";
import type { SourceFile } from "../source-file.ts";
import type { HubCache, RemoteFile } from "./types.ts";

const cacheName = "huggingface-hub";

/** @returns undefined where there is no Cache API: pages that aren't served over https */
export function browserHubCache(repository: string): HubCache | undefined {
  return globalThis.caches === undefined ? undefined : new BrowserCache(repository);
}

/** The keys look like addresses, because the Cache API wants requests; nothing is ever fetched from them. */
class BrowserCache implements HubCache {
  readonly place: string = `the browser's cache "${cacheName}"`;
  readonly #root: string;

  constructor(repository: string) {
    this.#root = `https://cache.invalid/models/${repository}/`;
  }

  async commitOf(revision: string): Promise<string | undefined> {
    return (await this.#match("refs", revision))?.text();
  }

  async remember(revision: string, commit: string): Promise<void> {
    if (revision !== commit) await (await caches.open(cacheName)).put(this.#key("refs", revision), new Response(commit));
  }

  async list(commit: string): Promise<readonly string[]> {
    const prefix = this.#key("snapshots", commit, "");
    const requests = await (await caches.open(cacheName)).keys();
    const urls = requests.map(({ url }) => url).filter((url) => url.startsWith(prefix));
    return urls.map((url) => decodeURIComponent(url.slice(prefix.length))).sort();
  }

  async find(commit: string, name: string): Promise<SourceFile | undefined> {
    const response = await this.#match("snapshots", commit, name);
    return response && blobFile(await response.blob(), name);
  }

  async store(commit: string, file: RemoteFile, chunks: AsyncIterable<Uint8Array>): Promise<SourceFile> {
    const { problem, body } = checkedBody(file, chunks);
    try {
      await (await caches.open(cacheName)).put(this.#key("snapshots", commit, file.name), new Response(body));
    } catch (cause) {
      throw problem() ?? new CheckpointError(`can't be kept in ${this.place}: ${reasonOf(cause)}`, { file: file.name, cause });
    }
    const stored = await this.find(commit, file.name);
    if (stored?.size !== file.size) throw new CheckpointError(`can't be read back from ${this.place}`, { file: file.name });
    return stored;
  }

  async #match(...parts: readonly string[]): Promise<Response | undefined> {
    return (await caches.open(cacheName)).match(this.#key(...parts));
  }

  #key(...parts: readonly string[]): string {
    return this.#root + parts.map((part) => part.split("/").map(encodeURIComponent).join("/")).join("/");
  }
}

/** A stream that fails unless exactly the file's bytes come. What went wrong is kept, because `put` only rejects with its own error. */
function checkedBody(file: RemoteFile, chunks: AsyncIterable<Uint8Array>): { problem(): unknown; body: ReadableStream<Uint8Array> } {
  const iterator = chunks[Symbol.asyncIterator]();
  let problem: unknown;
  let size = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await iterator.next();
        if (done !== true) {
          size += value.length;
          controller.enqueue(value.slice());
        } else if (size === file.size) controller.close();
        else
          throw new CheckpointError("the download has another size", {
            file: file.name,
            expected: `${file.size} bytes`,
            found: String(size),
          });
      } catch (error) {
        problem = error;
        controller.error(error);
      }
    },
    cancel: async () => {
      await iterator.return?.();
    },
  });
  return { problem: () => problem, body };
}
