import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ViT } from "@x/models-vision";
import { unzipSync } from "fflate";
import type { Browser, KeyInput, Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rooms } from "../src/rooms.ts";
import type { ModelList } from "../src/worker/files.ts";
import { works } from "../src/worker/works.ts";
import { browsers, builtInto, enter, launch, pathOf, ready, serve, type Served } from "./page.ts";
import { uses } from "./use.ts";

let [folder, isolated, alone]: [string, Served | undefined, Served | undefined] = ["", undefined, undefined];

beforeAll(async () => {
  if (!browsers.some(pathOf)) return;
  folder = await mkdtemp(join(tmpdir(), "playground-"));
  await builtInto(folder);
  [isolated, alone] = await Promise.all([serve(folder), serve(folder, false)]);
}, 180_000);

afterAll(async () => {
  await Promise.all([isolated?.[Symbol.asyncDispose](), alone?.[Symbol.asyncDispose]()]);
  if (folder) await rm(folder, { recursive: true, force: true });
});

test("every room has its work and its use", () => {
  const names = rooms.map(({ id }) => id).sort();
  expect(Object.keys(works).sort()).toEqual(names);
  expect(Object.keys(uses).sort()).toEqual(names);
});

test("every model's score stands in the README, and its files are what the list says", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const models = new URL("../public/models/", import.meta.url);
  const list = JSON.parse(await readFile(new URL("models.json", models), "utf8")) as ModelList;
  for (const [name, { files, score }] of Object.entries(list)) {
    expect(readme).toContain(`| \`${name}\` | ${score.split("; ")[0]} |`);
    for (const [file, length] of Object.entries(files)) expect((await stat(new URL(`${name}/${file}`, models))).size).toBe(length);
  }
});

for (const installed of browsers) {
  const path = pathOf(installed);
  describe.skipIf(path === undefined)(
    path === undefined ? `${installed.name}: not installed, ${installed.howToGet}` : installed.name,
    () => {
      let browser: Browser;
      beforeAll(async () => void (browser = await launch(installed)), 60_000);
      afterAll(() => browser.close());

      test.for(rooms.map(({ id }) => id))("%s: opened, used, left", { timeout: 240_000, retry: 1 }, async (id) => {
        const [page, heard] = await opened(isolated, "");
        await enter(page, id);
        await uses[id]?.(page);
        if (id === "train") await expectModel(page);
        await left(page);
        expect(heard).toEqual([]);
        await page.close();
      });

      test(
        "rooms that are left while they load leave nothing behind, and hold up none that is entered after them",
        { timeout: 240_000 },
        async () => {
          const [page, heard] = await opened(isolated, "");
          for (const [i, { id }] of rooms.entries()) {
            await page.evaluate((room) => void (location.hash = room), id);
            await new Promise((resolve) => setTimeout(resolve, 60 * (i % 5)));
          }
          await enter(page, "digit");
          await left(page);
          expect(heard).toEqual([]);
          await page.close();
        },
      );

      test("without cross-origin isolation, from the room's own address, on a phone, by keyboard", { timeout: 240_000 }, async () => {
        const [page, heard] = await opened(alone, "#digit", { width: 390, height: 800 });
        await ready(page, "digit");
        expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
        await page.focus(".pad canvas");
        const keys: KeyInput[] = ["Delete", ...Array<KeyInput>(6).fill("ArrowUp"), " ", ...Array<KeyInput>(12).fill("ArrowDown"), " "];
        for (const key of keys) await page.keyboard.press(key);
        await page.waitForFunction(() => /a [17]\.$/.test(document.querySelector(".told")?.textContent ?? ""), { timeout: 30_000 });
        await left(page);
        expect(heard).toEqual([]);
        await page.close();
      });

      test("whatever can be pressed or filled in has a name, and no room is wider than a phone", { timeout: 240_000 }, async () => {
        const [page] = await opened(isolated, "", { width: 390, height: 844 });
        for (const { id } of rooms) {
          await enter(page, id);
          const nameless = await page.$$eval("button, input, textarea, select, a, canvas[tabindex], [role=img]", (elements) =>
            elements
              .filter((element) => {
                const labels = "labels" in element ? [...((element as HTMLInputElement).labels ?? [])] : [];
                const names = [element.getAttribute("aria-label"), element.textContent, ...labels.map(({ textContent }) => textContent)];
                return names.every((name) => (name ?? "").trim() === "");
              })
              .map((element) => element.outerHTML.slice(0, 100)),
          );
          expect(nameless, id).toEqual([]);
        }
        await page.close();
      });

      /** A page, and what is wrong on it: errors, and requests that go elsewhere. */
      async function opened(served: Served | undefined, hash: string, viewport = { width: 1280, height: 900 }): Promise<[Page, string[]]> {
        const { address = "" } = served ?? {};
        const heard: string[] = [];
        const page = await browser.newPage();
        await page.setViewport(viewport);
        page.on("console", (message) => message.type() === "error" && heard.push(message.text()));
        page.on("pageerror", (error) => heard.push(String(error)));
        page.on("request", (request) => {
          if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(address)) heard.push(`asked for ${request.url()}`);
        });
        await page.goto(`${address}${hash}`);
        return [page, heard];
      }

      /** Back to the cover; the room's worker must end. */
      async function left(page: Page): Promise<void> {
        await page.evaluate(() => void (location.hash = ""));
        await page.waitForSelector(".cards");
        if (installed.name === "chrome") await expect.poll(() => page.workers().length, { timeout: 20_000 }).toBe(0);
      }
    },
  );
}

/** What was downloaded is a model as any other. */
async function expectModel(page: Page): Promise<void> {
  const bytes = await page.evaluate(async () => [...new Uint8Array(await (Reflect.get(window, "packed") as Blob).arrayBuffer())]);
  const files = Object.entries(unzipSync(Uint8Array.from(bytes))).map(
    ([name, content]) => [name.split("/")[1] ?? "", new Uint8Array(content)] as const,
  );
  const config = files.find(([name]) => name === "config.json")?.[1];
  expect(JSON.parse(new TextDecoder().decode(config))).toMatchObject({ architectures: ["ViTForImageClassification"], model_type: "vit" });
  using vit = await ViT.fromPretrained(new Map(files));
  expect(Object.values(vit.config.id2label)).toEqual(["circle", "cross"]);
}
