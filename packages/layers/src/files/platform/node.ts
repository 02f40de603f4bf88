/** Node, Deno and Bun. */

import { env } from "node:process";
import { nodeFiles } from "./node-files.ts";
import { nodeHubCache } from "./node-hub-cache.ts";
import type { Platform } from "./types.ts";

export const platform: Platform = {
  files: nodeFiles,
  environment: (name) => env[name],
  hub: () => import("@huggingface/hub"),
  hubCache: nodeHubCache,
};
