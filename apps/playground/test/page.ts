/** The built page on a server, in a browser. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { build, preview } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));

export interface Installed {
  readonly name: "chrome" | "firefox";
  readonly paths: readonly string[];
  readonly howToGet: string;
}

export const browsers: readonly Installed[] = [
  {
    name: "chrome",
    paths: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
    howToGet: "apt-get install chromium",
  },
  { name: "firefox", paths: ["/usr/bin/firefox-esr", "/usr/bin/firefox"], howToGet: "apt-get install firefox-esr" },
];

export const pathOf = ({ paths }: Installed): string | undefined => paths.find((path) => existsSync(path));

/** @throws Error when the browser isn't installed */
export function launch(browser: Installed): Promise<Browser> {
  const executablePath = pathOf(browser);
  if (executablePath === undefined) throw new Error(`${browser.name} isn't installed: ${browser.howToGet}`);
  const args = browser.name === "chrome" ? ["--no-sandbox", "--disable-gpu"] : [];
  return puppeteer.launch({ browser: browser.name, executablePath, args, headless: true, protocolTimeout: 120_000 });
}

export const builtInto = (outDir: string): Promise<unknown> => build({ root, logLevel: "error", build: { outDir, emptyOutDir: true } });

export interface Served extends AsyncDisposable {
  /** With a slash at the end. */
  readonly address: string;
}

/** @param isIsolated whether it sends the headers that give a page threads */
export async function serve(outDir: string, isIsolated = true): Promise<Served> {
  const headers = isIsolated
    ? {}
    : { headers: { "cross-origin-opener-policy": "unsafe-none", "cross-origin-embedder-policy": "unsafe-none" } };
  const server = await preview({ root, logLevel: "error", build: { outDir }, preview: { port: 0, host: "127.0.0.1", ...headers } });
  return { address: server.resolvedUrls?.local[0] ?? "", [Symbol.asyncDispose]: () => server.close() };
}

/** Goes to a room by its address, as a link does, and waits until it can be used. @throws Error when it can't be opened */
export async function enter(page: Page, room: string): Promise<void> {
  await page.evaluate((id) => void (location.hash = id), room);
  await ready(page, room);
}

/** Until this room can be used; the one before it may still be there. @throws Error when it can't be opened */
export async function ready(page: Page, room: string): Promise<void> {
  const isThere = (id: string): boolean => {
    const main = document.querySelector("main");
    return main?.querySelector(`.room-${id}`) !== null && /ready|failed/.test(main?.dataset["state"] ?? "");
  };
  await page.waitForFunction(isThere, { timeout: 90_000, polling: 50 }, room);
  const failed = await page.$eval("main", (main) =>
    main.dataset["state"] === "failed" ? (main.querySelector(".status")?.textContent ?? "failed") : undefined,
  );
  if (failed !== undefined) throw new Error(failed);
}
