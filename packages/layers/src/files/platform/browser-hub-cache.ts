/** The browser's Cache API: an entry only appears when its body came whole, and outlives the page. */

import { blobFile } from "../blob-file.ts";
import type { SourceFile } from "../source-file.ts";
import type { HubCache, RemoteFile } from "./types.ts";

export const cacheName = "huggingface-hub";
/** What the keys begin with: they look like addresses, because the Cache API wants requests; nothing is ever fetched from them. */
export const cacheRoot = "https://cache.invalid/models/";

/** @returns undefined where there is no Cache API: pages that aren't served over https */
export function browserHubCache(repository: string): HubCache | undefined {
  return globalThis.caches === undefined ? undefined : new BrowserCache(repository);
}

class BrowserCache implements HubCache {
  readonly place: string = `the browser's cache "${cacheName}"`;
  readonly #root: string;

  constructor(repository: string) {
    this.#root = `${cacheRoot}${encodeURIComponent(repository)}/`;
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

  async store(commit: string, file: RemoteFile, download: () => AsyncIterable<Uint8Array>): Promise<SourceFile | undefined> {
    const { failure, body } = streamOf(download());
    try {
      await (await caches.open(cacheName)).put(this.#key("snapshots", commit, file.name), new Response(body));
    } catch {
      if (failure() !== undefined) throw failure();
      return undefined;
    }
    const stored = await this.find(commit, file.name);
    return stored?.size === file.size ? stored : undefined;
  }

  async #match(...parts: readonly string[]): Promise<Response | undefined> {
    return (await caches.open(cacheName)).match(this.#key(...parts));
  }

  #key(...parts: readonly string[]): string {
    return this.#root + parts.map((part) => part.split("/").map(encodeURIComponent).join("/")).join("/");
  }
}

/** The chunks as a stream. What went wrong with them is kept, because `put` only rejects with its own error. */
function streamOf(chunks: AsyncIterable<Uint8Array>): { failure(): unknown; body: ReadableStream<Uint8Array> } {
  const iterator = chunks[Symbol.asyncIterator]();
  let failure: unknown;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await iterator.next();
        if (done === true) controller.close();
        else controller.enqueue(value.slice());
      } catch (error) {
        failure = error;
        controller.error(error);
      }
    },
    cancel: async () => {
      await iterator.return?.();
    },
  });
  return { failure: () => failure, body };
}
