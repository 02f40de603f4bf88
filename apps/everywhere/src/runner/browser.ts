import { existsSync, globSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findCommand, output, type Running, start, versionOf } from "./process.ts";

/** A browser is a command that opens an address: pages post what they have to say by themselves, so no driver is needed. */
export interface Browser {
  readonly name: string;
  readonly howToGet: string;
  readonly candidates: readonly string[];
  version(command: string): Promise<string>;
  open(command: string, profile: string, address: string): Running;
}

export const chromium: Browser = {
  name: "Chromium",
  howToGet: "apt-get install chromium",
  candidates: ["chromium", "chromium-browser", "google-chrome"],
  version: versionOf,
  open: (command, profile, address) =>
    start(command, ["--headless=new", "--no-sandbox", "--no-first-run", "--disable-gpu", `--user-data-dir=${profile}`, address]),
};

export const firefox: Browser = {
  name: "Firefox",
  howToGet: "apt-get install firefox-esr",
  candidates: ["firefox-esr", "firefox"],
  version: versionOf,
  open: (command, profile, address) => start(command, ["--headless", "--no-remote", "--profile", profile, address], { HOME: profile }),
};

export const webKitGTK: Browser = {
  name: "WebKitGTK",
  howToGet: "apt-get install webkit2gtk-driver xvfb",
  candidates: globSync("/usr/lib/*/webkit2gtk-4.*/MiniBrowser"),
  // MiniBrowser tells its version only on a screen.
  version: async () => (await output("dpkg-query", ["--show", "--showformat=${Version}", "libwebkit2gtk-4.1-0"])).split("-")[0] ?? "",
  open(command, profile, address) {
    const screen = process.env["DISPLAY"] === undefined && existsSync("/usr/bin/xvfb-run") ? ["xvfb-run", "--auto-servernum"] : [];
    const [first = command, ...words] = [...screen, command, "--private", address];
    // Outside Safari, WebKit hides SharedArrayBuffer even from isolated pages; without this variable one thread works.
    return start(first, words, { HOME: profile, JSC_useSharedArrayBuffer: "1" });
  },
};

/** Opens an address in a browser with a profile of its own, or the one that is given. Its own goes when `use` has ended. Throws what `use` throws, with the browser's complaints. */
export async function visit<T>(browser: Browser, address: string, use: () => Promise<T>, ownProfile?: string): Promise<T> {
  const command = findCommand(browser.candidates);
  if (command === undefined) throw new Error(`${browser.name} is not installed: ${browser.howToGet}`);
  const profile = ownProfile ?? (await mkdtemp(join(tmpdir(), "everywhere-")));
  const running = browser.open(command, profile, address);
  try {
    return await use();
  } catch (cause) {
    throw new Error(`${cause instanceof Error ? cause.message : String(cause)}\n${running.complaints()}`, { cause });
  } finally {
    await running.stop();
    if (ownProfile === undefined) await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
