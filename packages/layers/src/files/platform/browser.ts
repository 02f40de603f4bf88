/** Browsers and their workers. */

import { browserHubCache } from "./browser-hub-cache.ts";
import type { Platform } from "./types.ts";

export const platform: Platform = {
  files: undefined,
  environment: () => undefined,
  hasher: async (algorithm) => {
    const { bytesToHex, sha1, sha256 } = await import("./hashes-for-browsers.ts");
    const hash = algorithm === "sha1" ? sha1.create() : sha256.create();
    return { update: (bytes) => void hash.update(bytes), hex: () => bytesToHex(hash.digest()) };
  },
  hub: () => import("./hub-for-browsers.ts"),
  hubCache: browserHubCache,
};
