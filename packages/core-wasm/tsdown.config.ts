import { defineConfig } from "tsdown";

export default defineConfig({
  entry: { index: "src/index.ts", "platform/node": "src/platform/node.ts", "platform/browser": "src/platform/browser.ts" },
  copy: [{ from: "src/threads/worker.js", to: "dist/threads" }],
  deps: { neverBundle: [/^#/, /^node:/, /^@x\//] },
  platform: "neutral",
  target: "es2022",
  dts: true,
});
