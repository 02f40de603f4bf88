/**
 * The page as visitors see it: every room as a picture, used, wide and phone-sized, light and dark, in every browser that is installed; and what was measured meanwhile.
 *
 *     npm run playground look FOLDER [chrome|firefox]
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "puppeteer-core";
import { rooms } from "../src/rooms.ts";
import { browsers, builtInto, launch, pathOf, ready, serve } from "./page.ts";
import { uses } from "./use.ts";

const [folder = "looks", only = ""] = process.argv.slice(2);
const sizes = { wide: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };

interface Measured {
  /** Milliseconds until something is seen. */
  readonly paint: number;
  /** Chromium's cumulative layout shift, but for what a visitor's own act brings. */
  readonly shift: number;
  /** Milliseconds that the longest task took, while the room was loaded and while it was used. */
  readonly task: number;
  /** Of what the page itself fetched, without its worker, kB. */
  readonly weight: number;
}

const built = await mkdtemp(join(tmpdir(), "playground-look-"));
try {
  await builtInto(built);
  await mkdir(folder, { recursive: true });
  await using served = await serve(built);
  for (const installed of browsers) {
    if (pathOf(installed) === undefined || !installed.name.startsWith(only)) continue;
    const browser = await launch(installed);
    try {
      for (const [size, viewport] of Object.entries(sizes))
        for (const theme of ["light", "dark"])
          for (const room of ["", ...rooms.map(({ id }) => id)]) {
            const name = `${installed.name}-${size}-${theme}-${room || "cover"}`;
            const { paint, shift, task, weight } = await look(browser, `${served.address}#${room}`, room, theme, viewport, name);
            process.stdout.write(
              `${name.padEnd(36)} ${paint.toFixed(0).padStart(5)} ms ${shift.toFixed(3)} ${task.toFixed(0).padStart(5)} ms ${weight.toFixed(0).padStart(6)} kB\n`,
            );
          }
    } finally {
      await browser.close();
    }
  }
} finally {
  await rm(built, { recursive: true, force: true });
}

async function look(
  browser: Browser,
  address: string,
  room: string,
  theme: string,
  viewport: { readonly width: number; readonly height: number },
  name: string,
): Promise<Measured> {
  const context = await browser.createBrowserContext(); // nothing is cached
  const page = await context.newPage();
  try {
    await page.setViewport(viewport);
    await page.evaluateOnNewDocument(watch, theme);
    await page.goto(address);
    if (room !== "") {
      await ready(page, room);
      if (theme === "light") await uses[room]?.(page); // once is enough for what is measured
    }
    await page.evaluate(() => scrollTo(0, 0));
    await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0, { timeout: 5000, polling: 50 });
    const measured = await measuredOn(page);
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
    return measured;
  } finally {
    await context.close();
  }
}

/** Runs on the page before all else. */
function watch(theme: string): void {
  localStorage.setItem("theme", theme);
  const seen = { shift: 0, task: 0 };
  Object.assign(window, { seen });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[])
      if (!entry.hadRecentInput) seen.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.task = Math.max(seen.task, duration);
  }).observe({ type: "longtask", buffered: true });
}

function measuredOn(page: Page): Promise<Measured> {
  return page.evaluate(() => {
    const { shift, task } = Reflect.get(window, "seen") as { shift: number; task: number };
    const paint = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN;
    const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    const weight = (entries as PerformanceResourceTiming[]).reduce((sum, { transferSize }) => sum + transferSize, 0) / 1000;
    return { paint, shift, task, weight };
  });
}
