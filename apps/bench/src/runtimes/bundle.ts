import { fileURLToPath } from "node:url";
import { bundlePage } from "@x/everywhere";
import { build, type InlineConfig } from "vite";

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const common = { configFile: false, logLevel: "error" } satisfies InlineConfig;
const output = (outDir: string) => ({ outDir, emptyOutDir: true, target: "esnext", chunkSizeWarningLimit: 10_000 }) as const;

/** Only Node can load these; the dynamic imports stay, and are never reached. */
const nodeOnly = ["onnxruntime-node", "@huggingface/transformers", /^node:/];

const once = (make: () => Promise<string>): (() => Promise<string>) => {
  let made: Promise<string> | undefined;
  return () => (made ??= make());
};

/** The programs as pages, bundled when first asked for. @returns their folder */
export const browserBundle: () => Promise<string> = once(async () => {
  const outDir = at("dist/browser");
  await build({
    ...common,
    root: at("src/pages"),
    base: "./",
    // Without the libraries' WebAssembly inside: the server has it. Sources, so that nothing needs building first.
    resolve: {
      conditions: ["@x/source", "onnxruntime-web-use-extern-wasm", "module", "browser"],
      alias: { "onnxruntime-web": "onnxruntime-web/wasm" },
    },
    worker: { format: "es" },
    build: {
      ...output(outDir),
      modulePreload: false,
      rolldownOptions: { input: ["child", "first-output"].map((page) => at(`src/pages/${page}.html`)), external: nodeOnly },
    },
  });
  return outDir;
});

/** `first-output` for commands: ours in one piece; libraries stay where they are installed, in the form in which they ship. @returns its folder */
export const commandBundle: () => Promise<string> = once(async () => {
  const outDir = at("dist/command");
  await build({
    ...common,
    root: at("."),
    ssr: { noExternal: [/^@x\//], resolve: { conditions: ["@x/source", "node"] } },
    build: { ...output(outDir), minify: true, ssr: "src/fresh/first-output.ts" },
  });
  return outDir;
});

/** The smallest page that runs a ViT with a library, minified, with what it imports. @returns its folder */
export async function sizeBundle(who: "ours" | "onnxruntime-web" | "tfjs"): Promise<string> {
  const outDir = at(`dist/sizes/${who}`);
  if (who === "ours") return bundlePage("vit", { outDir, conditions: ["@x/source", "module", "browser"] });
  await build({
    ...common,
    root: at("."),
    resolve: { conditions: ["onnxruntime-web-use-extern-wasm", "module", "browser"] },
    build: { ...output(outDir), modulePreload: false, rolldownOptions: { input: at(`src/sizes/${who}.ts`) } },
  });
  return outDir;
}
