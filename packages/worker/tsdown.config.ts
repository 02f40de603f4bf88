import type { Rolldown } from "tsdown";
import { library } from "../../tools/packaging/library.ts";

/** What a worker is started with is a file of its own, which bundlers find by this address. */
const builtThread: Rolldown.Plugin = {
  name: "built-thread",
  renderChunk: (code) => code.replaceAll('new URL("../thread.ts", import.meta.url)', 'new URL("../thread.js", import.meta.url)'),
};

export default library(
  {
    index: "src/index.ts",
    thread: "src/thread.ts",
    "platform/node": "src/platform/node.ts",
    "platform/node-port": "src/platform/node-port.ts",
    "platform/browser": "src/platform/browser.ts",
    "platform/browser-port": "src/platform/browser-port.ts",
  },
  [builtThread],
);
