import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Rolldown, UserConfig } from "tsdown";
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

/** What the lazily loaded readers share with the rest stays a chunk of its own: else they would pull all that both doors share out of a page's main file. */
const sharedWithReaders: UserConfig = {
  outputOptions: { codeSplitting: { groups: [{ name: "cursor", test: /formats\/cursor\.ts$/ }] } },
};

export default library(
  {
    index: "src/index.ts",
    model: "src/model.ts",
    save: "src/save.ts",
    "platform/node": "src/files/platform/node.ts",
    "platform/browser": "src/files/platform/browser.ts",
  },
  [hubForBrowsers],
  { ...sharedWithReaders, treeshake: { moduleSideEffects: false } },
);
