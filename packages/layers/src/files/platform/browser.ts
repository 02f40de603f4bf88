/** Browsers and their workers. */

import { browserHubCache } from "./browser-hub-cache.ts";
import type { Platform } from "./types.ts";

export const platform: Platform = {
  files: undefined,
  environment: () => undefined,
  hub: () => import("./hub-for-browsers.ts"),
  hubCache: browserHubCache,
};
