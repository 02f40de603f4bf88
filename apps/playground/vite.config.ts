import { defineConfig } from "vite";

/** What gives a page threads. A server that can't send them gives the same page with one thread. */
const isolation = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

export default defineConfig({
  base: "./",
  // From the packages' sources, so that nothing has to be built first.
  resolve: { conditions: ["@x/source", "browser", "module", "import", "default"] },
  worker: { format: "es" },
  server: { headers: isolation },
  preview: { headers: isolation },
  build: { target: "es2022", chunkSizeWarningLimit: 1500, modulePreload: { polyfill: false } },
});
