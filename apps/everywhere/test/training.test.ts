/** `fit` in a browser's worker, its run in the origin's private files or in its database: it is ended at any moment, gone on with, paused and stopped. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chromium, firefox, visit } from "../src/runner/browser.ts";
import { findCommand } from "../src/runner/process.ts";
import { isolation, serve } from "../src/runner/server.ts";
import { bundlePage } from "./bundle-page.ts";

let bundle: string;

beforeAll(async () => {
  bundle = await bundlePage("training-page");
}, 240_000);
afterAll(() => rm(bundle, { recursive: true }));

const address = (path: string) => ({ file: join(bundle, path === "/" ? "index.html" : path), headers: isolation });

for (const browser of [chromium, firefox])
  test.skipIf(findCommand(browser.candidates) === undefined)(
    `${browser.name}: closed in the middle of two trainings and opened again, it ends both with the same bits`,
    { timeout: 600_000 },
    async () => {
      const server = await serve(address);
      const profile = await mkdtemp(join(tmpdir(), "training-profile-"));
      try {
        expect(await visit(browser, `${server.address}/?begin`, () => server.report("begun", 240), profile)).toBe('"both"');
        const found: unknown = JSON.parse(await visit(browser, `${server.address}/?resume`, () => server.report("resumed", 240), profile));
        const resumed = { begins: expect.toSatisfy((step: number) => step > 7 && step < 100), equal: true };
        expect(found).toEqual({ folder: resumed, database: resumed });
      } finally {
        await server.close();
        await rm(profile, { recursive: true, force: true, maxRetries: 5 });
      }
    },
  );

for (const browser of [chromium, firefox])
  test.skipIf(findCommand(browser.candidates) === undefined)(
    `${browser.name}: workers that end at any moment leave a run that ends with the same bits`,
    { timeout: 300_000 },
    async () => {
      const server = await serve(address);
      try {
        const found = JSON.parse(await visit(browser, `${server.address}/`, () => server.report("training", 240))) as { began: number[] };
        expect(found).toEqual({
          whole: [true, 100, true],
          began: expect.any(Array),
          equal: true,
          waits: true,
          stopped: [false, true],
          resumed: true,
          error: "TypeError",
        });
        expect(found.began[0]).toBe(1);
        for (const [i, step] of found.began.slice(2).entries()) expect(step, `start ${i + 3}`).toBeGreaterThan(7);
      } finally {
        await server.close();
      }
    },
  );
