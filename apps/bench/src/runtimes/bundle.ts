import { fileURLToPath } from "node:url";
import { bundlePage } from "@x/everywhere";
import { build, type InlineConfig } from "vite";

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const common = { configFile: false, logLevel: "error" } satisfies InlineConfig;
const output = (outDir: string) => ({ outDir, emptyOutDir: true, target: "esnext", chunkSizeWarningLimit: 10_000 }) as const;

/** Only Node can load these; the dynamic imports stay, and are never reached. */
const nodeOnly = ["onnxruntime-node", "@huggingface/transformers", /^node:/];

/** Makes each thing once. */
const once = <Name>(make: (name: Name) => Promise<string>): ((name: Name) => Promise<string>) => {
  const made = new Map<Name, Promise<string>>();
  return (name) => {
    const folder = made.get(name) ?? make(name);
    made.set(name, folder);
    return folder;
  };
};

/** The programs as pages, bundled when first asked for. @returns their folder */
export const browserBundle: (which: "pages") => Promise<string> = once(async () => {
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

/** A program for commands: ours in one piece; libraries stay where they are installed, in the form in which they ship. @returns its folder */
export const commandBundle: (program: "child" | "first-output") => Promise<string> = once(async (program) => {
  const outDir = at(`dist/command/${program}`);
  await build({
    ...common,
    root: at("."),
    ssr: { noExternal: [/^@x\//], resolve: { conditions: ["@x/source", "node"] } },
    build: { ...output(outDir), target: "node20", minify: true, ssr: program === "child" ? "src/child.ts" : "src/fresh/first-output.ts" },
  });
  return outDir;
});

/** The smallest page that runs a ViT with a library, or one that has everything of ours; minified, with what it imports. @returns its folder */
export async function sizeBundle(who: "ours" | "everything" | "onnxruntime-web" | "tfjs"): Promise<string> {
  const outDir = at(`dist/sizes/${who}`);
  if (who === "ours" || who === "everything") {
    return bundlePage(who === "ours" ? "vit" : who, { outDir, conditions: ["@x/source", "module", "browser"] });
  }
  await build({
    ...common,
    root: at("."),
    resolve: { conditions: ["onnxruntime-web-use-extern-wasm", "module", "browser"] },
    build: { ...output(outDir), modulePreload: false, rolldownOptions: { input: at(`src/sizes/${who}.ts`) } },
  });
  return outDir;
}
