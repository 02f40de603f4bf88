/** `@x/worker` in browsers: a page bundled by Vite with no settings, its model in a Web Worker. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { classify, ViT } from "@x/models-vision";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chromium, firefox, visit } from "../src/runner/browser.ts";
import { findCommand } from "../src/runner/process.ts";
import { isolation, serve } from "../src/runner/server.ts";
import { bundlePage } from "./bundle-page.ts";

const goldens = join(import.meta.dirname, "../../../packages/models-vision/golden/classify");
let bundle: string;

beforeAll(async () => {
  bundle = await bundlePage("worker-page");
}, 120_000);
afterAll(() => rm(bundle, { recursive: true }));

for (const browser of [chromium, firefox])
  test.skipIf(findCommand(browser.candidates) === undefined)(
    `${browser.name}: the same labels, errors with their class, and an end`,
    { timeout: 150_000 },
    async () => {
      const server = await serve((path) => {
        if (path.startsWith("/model/")) return { file: join(goldens, "vit", path.slice("/model/".length)), headers: isolation };
        return {
          file: path === "/sky.jpg" ? join(goldens, "sky.jpg") : join(bundle, path === "/" ? "index.html" : path),
          headers: isolation,
        };
      });
      try {
        const report = await visit(browser, `${server.address}/`, () => server.report("worker", 120));
        using vit = await ViT.fromPretrained(join(goldens, "vit"));
        const expected = await classify(vit, join(goldens, "sky.jpg"), { topK: 2 });
        expect(JSON.parse(report)).toEqual({
          labels: expected.map((one) => ({ ...one, probability: expect.closeTo(one.probability, 5) })),
          imageSize: vit.config.imageSize,
          isImageError: true,
          isCheckpointError: true,
          reason: "enough",
          ended: "the worker has ended: it was disposed of",
        });
      } finally {
        await server.close();
      }
    },
  );
