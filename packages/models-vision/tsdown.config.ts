import { defineConfig } from "tsdown";

export default defineConfig({ entry: "src/index.ts", deps: { neverBundle: [/^#/, /^node:/, /^@x\//] }, platform: "neutral", target: "es2022", dts: true });
