import { lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { placeOf } from "./node-hub-cache.ts";
import type { CacheContents, CacheFolder } from "./types.ts";

const prefix = "models--";

export function cacheContents(directory: CacheFolder | undefined): CacheContents {
  const folder = placeOf(directory);
  return {
    async list() {
      const names = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(prefix)).sort();
      return Promise.all(
        names.map(async (name) => {
          const paths = await readdir(join(folder, name), { recursive: true });
          const stats = await Promise.all(paths.map((path) => lstat(join(folder, name, path)).catch(() => undefined)));
          const sizes = stats.flatMap((found, i) => (found?.isFile() === true && !paths[i]?.startsWith("refs") ? [found.size] : []));
          const bytes = sizes.reduce((sum, size) => sum + size, 0);
          return { repository: name.slice(prefix.length).replaceAll("--", "/"), bytes, files: sizes.length };
        }),
      );
    },
    remove: (repository) => rm(join(folder, prefix + repository.replaceAll("/", "--")), { recursive: true, force: true, maxRetries: 3 }),
  };
}
