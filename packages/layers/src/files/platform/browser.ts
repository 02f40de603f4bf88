/** Browsers and their workers. */

import { browserHubCache } from "./browser-hub-cache.ts";
import type { Platform } from "./types.ts";

export const platform: Platform = {
  files: undefined,
  environment: () => undefined,
  hasher: async (algorithm) => {
    const { sha1, sha256 } = await import("./sha.ts");
    return algorithm === "sha1" ? sha1() : sha256();
  },
  hub: () => import("./hub-for-browsers.ts"),
  hubCache: async (repository, directory) =>
    typeof directory === "object"
      ? (await import("./folder-hub-cache.ts")).folderHubCache(repository, directory)
      : browserHubCache(repository),
  cacheContents: async (directory) =>
    typeof directory === "object"
      ? (await import("./folder-hub-cache.ts")).folderContents(directory)
      : (await import("./browser-cache-contents.ts")).cacheContents,
};
