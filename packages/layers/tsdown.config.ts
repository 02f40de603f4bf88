import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Rolldown } from "tsdown";
import { library } from "../../tools/packaging/library.ts";

/** For browsers the hub's library travels inside: its own build for them, and only what is used of it. */
const hubForBrowsers: Rolldown.Plugin = {
  name: "hub-for-browsers",
  resolveId: {
    order: "pre",
    handler: (id, importer) =>
      id === "@huggingface/hub" && importer?.endsWith("hub-for-browsers.ts")
        ? { id: join(dirname(createRequire(import.meta.url).resolve(id)), "browser/index.mjs"), moduleSideEffects: false }
        : undefined,
  },
};

export default library(
  { index: "src/index.ts", "platform/node": "src/files/platform/node.ts", "platform/browser": "src/files/platform/browser.ts" },
  [hubForBrowsers],
  { treeshake: { moduleSideEffects: false } },
);
