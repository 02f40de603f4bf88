/** A page of the tests as Vite bundles it with no settings of its own, on the packages' sources. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "vite";

/** @param name of its folder beside this file @returns a new folder that holds the bundle; whoever asks for it removes it */
export async function bundlePage(name: string): Promise<string> {
  const bundle = await mkdtemp(join(tmpdir(), `${name}-`));
  await build({
    configFile: false,
    logLevel: "warn",
    root: join(import.meta.dirname, name),
    base: "./",
    resolve: { conditions: ["@x/source", "browser", "module", "import", "default"] },
    worker: { format: "es" },
    build: { outDir: bundle, target: "esnext", emptyOutDir: true },
  });
  return bundle;
}
