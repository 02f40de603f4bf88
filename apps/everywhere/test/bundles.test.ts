/** Servers and service workers in one file, far from any package: oven-sh/bun#18145, google/re2-wasm#21, cruise-automation/wasm-lz4#15, mozilla/source-map#527. */
import { execFile } from "node:child_process";
import { cp, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { embedText, SentenceEncoder } from "@x/models-nlp";
import { type Classification, classify, ViT } from "@x/models-vision";
import { expectClose, inFolder } from "@x/testing";
import { build, type InlineConfig } from "vite";
import { describe, expect, test } from "vitest";
import { chromium, firefox, visit } from "../src/runner/browser.ts";
import { findCommand } from "../src/runner/process.ts";
import { serve } from "../src/runner/server.ts";

const root = join(import.meta.dirname, "..");
const packages = join(root, "../../packages");

const pictures = ["q85-s2.jpg", "rgb.png", "noise.gif", "lossy.webp", "rgb.bmp"];
const rounded = ({ label, probability }: Classification): string => `${label} ${probability.toFixed(3)}`;

const forServers = { ssr: { noExternal: true, resolve: { conditions: ["@x/source", "node", "module", "import"] } } } satisfies InlineConfig;
const forWorkers = {
  ssr: { noExternal: true, target: "webworker", resolve: { conditions: ["@x/source", "worker", "browser", "module", "import"] } },
} satisfies InlineConfig;

/** All in one file. @returns its name in `folder` */
async function bundled(entry: string, folder: string, format: "es" | "cjs" | "iife", where: InlineConfig): Promise<string> {
  await build({
    configFile: false,
    logLevel: "error",
    root,
    ...where,
    build: {
      ssr: `src/contexts/${entry}.ts`,
      outDir: folder,
      emptyOutDir: true,
      target: "es2022",
      minify: true,
      rolldownOptions: {
        output: { format, codeSplitting: false, entryFileNames: { es: "[name].mjs", cjs: "[name].cjs", iife: "[name].js" }[format] },
      },
    },
  });
  const files = await readdir(folder, { recursive: true });
  expect(files).toHaveLength(1);
  return files[0] ?? "";
}

test.each(["es", "cjs"] as const)(
  "a server in one file, as %s: it runs, and answers with what the packages give",
  { timeout: 120_000 },
  async (format) => {
    await inFolder(async (folder) => {
      const name = await bundled("server", join(folder, "built"), format, forServers);
      const program = join(folder, name);
      await cp(join(folder, "built", name), program);
      const { stdout } = await promisify(execFile)(process.execPath, [program, packages], { cwd: folder });
      expect(JSON.parse(stdout)).toEqual({
        threads: 2,
        sizes: pictures.map((file) => `${file} ${file === "noise.gif" ? "90 × 80" : "23 × 19"}`),
        label: "leaf",
        width: 8,
        found: "a",
        class: true,
        bleu: expect.closeTo(100),
      });
    });
  },
);

describe.each([chromium, firefox])("$name", (browser) => {
  const command = findCommand(browser.candidates);

  test.skipIf(command === undefined)("a service worker in one file labels pictures", { timeout: 180_000 }, async () => {
    await inFolder(async (folder) => {
      const name = await bundled("service-worker", join(folder, "built"), "iife", forWorkers);
      const page = join(folder, "index.html");
      await writeFile(page, `<!doctype html><script>navigator.serviceWorker.register("/worker.js")</script>`);
      const server = await serve((path) => {
        if (path.startsWith("/packages/")) return { file: join(packages, path.slice("/packages/".length)) };
        return { file: path === "/worker.js" ? join(folder, "built", name) : page };
      });
      try {
        const told = await visit(browser, `${server.address}/`, () => server.report("service-worker", 150));
        const { seen, vector, ...rest } = JSON.parse(told) as { seen: Classification[]; vector: number[] };
        expect(rest).toEqual({ threads: 1, left: 0 });
        using vit = await ViT.fromPretrained(join(packages, "models-vision/golden/classify/vit"));
        const files = pictures.map((file) => join(packages, "models-vision/golden/image", file));
        expect(seen.map(rounded)).toEqual((await classify(vit, files)).map(([best]) => rounded(best)));
        using encoder = await SentenceEncoder.fromPretrained(join(packages, "models-nlp/golden/sentence_mpnet"));
        expectClose(Float32Array.from(vector), await embedText(encoder, "a"), "vector", 1e-4);
      } finally {
        await server.close();
      }
    });
  });
});
