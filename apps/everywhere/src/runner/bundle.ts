import { fileURLToPath } from "node:url";
import { build, type InlineConfig } from "vite";

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Where `bundle` puts each context. */
export const bundles: Readonly<Record<"command" | "browser" | "workerd", string>> = {
  command: at("dist/command"),
  browser: at("dist/browser"),
  workerd: at("dist/workerd"),
};

/** The suite for commands (the packages stay where they are installed), for pages, and for workerd (all in one file, but the kernels). */
export async function bundle(): Promise<void> {
  const common = { configFile: false, logLevel: "warn" } satisfies InlineConfig;
  const output = (outDir: string) => ({ outDir, emptyOutDir: true, target: "es2022" }) as const;
  await build({ ...common, root: at("."), ssr: { external: true }, build: { ...output(bundles.command), ssr: "src/contexts/command.ts" } });
  await build({ ...common, root: at("src/contexts"), base: "./", worker: { format: "es" }, build: output(bundles.browser) });
  await bundleWorkerd(at("src/contexts/workerd.ts"), bundles.workerd);
}

/** A worker as wrangler bundles it: all in one file, but the kernels. @param conditions of packages' entries, before the runtime's own */
export async function bundleWorkerd(entry: string, outDir: string, conditions: readonly string[] = []): Promise<void> {
  await build({
    configFile: false,
    logLevel: "warn",
    root: at("."),
    ssr: { noExternal: true, target: "webworker", resolve: { conditions: [...conditions, "workerd", "worker", "browser"] } },
    build: {
      outDir,
      emptyOutDir: true,
      target: "es2022",
      ssr: entry,
      rolldownOptions: { external: [/\.wasm$/], output: { codeSplitting: false } },
    },
  });
}
