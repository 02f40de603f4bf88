import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, findCommand, isolation, type PageServer, serve, visit } from "@x/everywhere";
import { browserBundle } from "./bundle.ts";
import type { RuntimeName } from "./names.ts";
import { type Said, SILENCE_SECONDS } from "./program.ts";
import type { Runtime } from "./runtime.ts";

/** A page says that it has started long before its first result. */
const START_SECONDS = 60;

/** Chromium and Firefox: pages on the main thread, cross-origin isolated so that threads work. */
export function browserRuntime(name: RuntimeName, browser: Browser): Runtime {
  return {
    name,
    howToGet: browser.howToGet,
    async find() {
      const command = findCommand(browser.candidates);
      if (command === undefined) return undefined;
      return {
        name,
        version: await browser.version(command),
        run: async function* (program, task, files) {
          const pages = await browserBundle("pages");
          const server = await serve((path) => ({ file: locate(path, pages, files), headers: isolation }));
          try {
            yield* messages(browser, server, `${server.address}/${program}.html#${encodeURIComponent(JSON.stringify(task))}`);
          } finally {
            await server.close();
          }
        },
      };
    },
  };
}

/** Messages come while the browser is open, but `visit` closes it only when its own function has ended: a queue of one lies between. */
async function* messages(browser: Browser, server: PageServer, address: string): AsyncGenerator<unknown> {
  let wake = Promise.withResolvers<void>();
  const heard: Said[] = [];
  const hear = (said: Said): void => {
    heard.push(said);
    wake.resolve();
  };
  const visited = visit(browser, address, async () => {
    for (let count = 0; ; count++) {
      const said = JSON.parse(await server.report(String(count), count === 0 ? START_SECONDS : SILENCE_SECONDS)) as Said;
      if (count > 0) hear(said); // the first only says that the page has started
      if (!("message" in said)) return;
    }
  }).catch((error: unknown) => hear({ error: String(error) }));
  for (;;) {
    const said = heard.shift();
    if (said === undefined) {
      await wake.promise;
      wake = Promise.withResolvers();
      continue;
    }
    if ("message" in said) {
      yield said.message;
      continue;
    }
    await visited;
    if ("error" in said) throw new Error(said.error);
    return;
  }
}

const libraries = ["onnxruntime-web", "@tensorflow/tfjs-backend-wasm"];
const library = (name: string): string => dirname(fileURLToPath(import.meta.resolve(name)));

/** Pages, the libraries' own WebAssembly files, and `files` of the task. */
function locate(path: string, pages: string, files: string | undefined): string {
  const name = libraries.find((candidate) => path.startsWith(`/${candidate}/`));
  if (name !== undefined) return join(library(name), path.slice(name.length + 2));
  if (files !== undefined && path.startsWith("/files/")) return join(files, path.slice("/files/".length));
  return join(pages, path);
}
