import { defineConfig } from "tsdown";

export default defineConfig({
  entry: { index: "src/index.ts", "platform/node": "src/platform/node.ts", "platform/browser": "src/platform/browser.ts" },
  deps: { neverBundle: [/^#/, /^node:/, /^@x\//, /^@huggingface\//] },
  platform: "neutral",
  target: "es2022",
  dts: true,
});
