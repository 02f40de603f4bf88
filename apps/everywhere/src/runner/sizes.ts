/** Bundles the pages of src/sizes, minified, for size-limit to weigh: see .size-limit.json. */
import { fileURLToPath } from "node:url";
import { build } from "vite";

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
for (const page of ["vit", "everything"]) {
  await build({
    configFile: false,
    logLevel: "warn",
    root: at("."),
    build: {
      outDir: at(`dist/sizes/${page}`),
      emptyOutDir: true,
      target: "es2022",
      modulePreload: false,
      chunkSizeWarningLimit: 1000,
      rolldownOptions: { input: at(`src/sizes/${page}.ts`) },
    },
  });
}
