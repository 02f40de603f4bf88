import { defineConfig } from "tsdown";

export default defineConfig({
  entry: { index: "src/index.ts", "platform/node": "src/platform/node.ts", "platform/browser": "src/platform/browser.ts" },
  platform: "neutral",
  target: "es2022",
  dts: true,
  // WebKit has no Symbol.dispose yet; compiled `using` looks for the other one there.
  define: { "Symbol.dispose": '(Symbol.dispose ?? Symbol.for("Symbol.dispose"))' },
  deps: { neverBundle: [/^#/, /^node:/, /^[@a-z]/] },
});
