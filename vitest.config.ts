import { defineConfig } from "vitest/config";

// Tests run on the sources: nothing needs building but what build:wasm makes, the kernels and the embedded decoders.
export default defineConfig({
  resolve: { conditions: ["@x/source", "node"] },
  ssr: { resolve: { conditions: ["@x/source", "node"] } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "apps/*/test/**/*.test.ts", "examples/*/test/**/*.test.ts", "tools/test/**/*.test.ts"],
    pool: "forks",
    execArgv: ["--conditions=@x/source", "--disable-warning=ExperimentalWarning"], // threads that tests start run on the sources, too
    // See packages/testing/src/growing-memory.ts; the kernels' own tests handle addresses and threads themselves.
    ...(process.env["GROWING_MEMORY"] && {
      setupFiles: ["packages/testing/src/growing-memory.ts"],
      exclude: ["**/node_modules/**", "packages/core-wasm/**", "packages/layers/test/threads.test.ts", "apps/bench/**"],
    }),
    testTimeout: 60_000,
    hookTimeout: 60_000,
    retry: Number(process.env["RETRY"] ?? 0), // see .ci/run
  },
});
