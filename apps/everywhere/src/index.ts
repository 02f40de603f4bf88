/** What other programs of this repository use: finding and starting runtimes, serving pages, weighing downloads. */
export { type Browser, chromium, firefox, visit } from "./runner/browser.ts";
export { bun, type Command, deno, node, node20, node22 } from "./runner/command.ts";
export { findCommand, versionOf } from "./runner/process.ts";
export { isolation, type Located, type PageServer, serve } from "./runner/server.ts";
export { bundlePage, type SizedPage } from "./runner/size-page.ts";
