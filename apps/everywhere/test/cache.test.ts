/** The hub's cache in the origin's private folder, in browsers. */
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { serveHub } from "@x/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chromium, firefox, visit } from "../src/runner/browser.ts";
import { findCommand } from "../src/runner/process.ts";
import { serve } from "../src/runner/server.ts";
import { bundlePage } from "./bundle-page.ts";

const goldens = join(import.meta.dirname, "../../../packages/models-vision/golden/classify");
let bundle: string;

beforeAll(async () => {
  bundle = await bundlePage("cache-page");
}, 240_000);
afterAll(() => rm(bundle, { recursive: true }));

for (const browser of [chromium, firefox])
  test.skipIf(findCommand(browser.candidates) === undefined)(
    `${browser.name}: fetched once, read again with no network, cleared`,
    { timeout: 300_000 },
    async () => {
      const names = await readdir(join(goldens, "vit"));
      const files = Object.fromEntries(
        await Promise.all(names.map(async (name) => [name, await readFile(join(goldens, "vit", name))] as const)),
      );
      await using hub = await serveHub({ "some/vit": { files, large: ["model.safetensors"], commit: "a".repeat(40) } });
      await writeFile(join(bundle, "hub"), hub.url);
      const server = await serve((path) => ({
        file: path === "/sky.jpg" ? join(goldens, "sky.jpg") : join(bundle, path === "/" ? "index.html" : path),
      }));
      try {
        const report = await visit(browser, `${server.address}/`, () => server.report("cache", 240));
        expect(JSON.parse(report)).toEqual({
          before: false,
          first: "sky",
          after: true,
          offline: "sky",
          kept: [{ repository: "some/vit", isThere: true }],
          cleared: [],
          again: "CheckpointError",
        });
        expect(hub.cdn.seen.filter(({ method, path }) => method === "GET" && path.endsWith("model.safetensors")).length).toBe(1);
      } finally {
        await server.close();
      }
    },
  );
