/** Node, Deno and Bun. */

import { createHash } from "node:crypto";
import { env } from "node:process";
import { nodeFiles } from "./node-files.ts";
import { nodeHubCache } from "./node-hub-cache.ts";
import type { Platform } from "./types.ts";

export const platform: Platform = {
  files: nodeFiles,
  environment: (name) => env[name],
  hasher: async (algorithm) => {
    const hash = createHash(algorithm);
    return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest("hex") };
  },
  hub: () => import("@huggingface/hub"),
  hubCache: nodeHubCache,
  cacheContents: async (directory) => (await import("./node-cache-contents.ts")).cacheContents(directory),
};
