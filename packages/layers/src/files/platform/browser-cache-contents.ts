import { cacheName, cacheRoot } from "./browser-hub-cache.ts";
import type { CacheContents } from "./types.ts";

export const cacheContents: CacheContents = {
  async list() {
    if (globalThis.caches === undefined) return [];
    const cache = await caches.open(cacheName);
    const found = new Map<string, { bytes: number; files: number }>();
    for (const request of await cache.keys()) {
      const [repository = "", kind] = request.url.slice(cacheRoot.length).split("/");
      if (kind !== "snapshots") continue;
      const size = (await (await cache.match(request))?.blob())?.size ?? 0;
      const { bytes, files } = found.get(repository) ?? { bytes: 0, files: 0 };
      found.set(repository, { bytes: bytes + size, files: files + 1 });
    }
    return [...found]
      .map(([name, sums]) => ({ repository: decodeURIComponent(name), ...sums }))
      .sort((a, b) => (a.repository < b.repository ? -1 : 1));
  },
  async remove(repository) {
    const cache = await caches.open(cacheName);
    for (const request of await cache.keys())
      if (request.url.startsWith(`${cacheRoot}${encodeURIComponent(repository)}/`)) await cache.delete(request);
  },
};
