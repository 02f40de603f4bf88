/** Browsers and their workers. */

import { browserHubCache } from "./browser-hub-cache.ts";
import type { Platform } from "./types.ts";

export const platform: Platform = {
  files: undefined,
  environment: () => undefined,
  hubCache: browserHubCache,
};
