import { fileURLToPath } from "node:url";
import { build } from "vite";

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** A page of src/sizes. */
export type SizedPage = "vit" | "everything";

export interface PageOptions {
  /** Default `dist/sizes/<page>`. */
  readonly outDir?: string;
  /** Of package exports. Default: those of the built packages. */
  readonly conditions?: string[];
}

/** Bundles a page of src/sizes, minified. @returns the folder it is in */
export async function bundlePage(page: SizedPage, { outDir = at(`dist/sizes/${page}`), conditions }: PageOptions = {}): Promise<string> {
  await build({
    configFile: false,
    logLevel: "warn",
    root: at("."),
    ...(conditions && { resolve: { conditions } }),
    build: {
      outDir,
      emptyOutDir: true,
      target: "es2022",
      modulePreload: false,
      chunkSizeWarningLimit: 1000,
      rolldownOptions: { input: at(`src/sizes/${page}.ts`), treeshake: { moduleSideEffects: false } }, // as the packages are built
    },
  });
  return outDir;
}
