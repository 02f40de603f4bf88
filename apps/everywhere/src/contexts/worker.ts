import { runInBrowser } from "./in-browser.ts";

addEventListener("message", async ({ data }: MessageEvent<string>) => postMessage(await runInBrowser(data)), { once: true });
