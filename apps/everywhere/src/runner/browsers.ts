import { join } from "node:path";
import type { Report } from "../suite/suite.ts";
import { type Browser, chromium, firefox, visit, webKitGTK } from "./browser.ts";
import { bundles } from "./bundle.ts";
import { findCommand } from "./process.ts";
import type { ContextReport, Found, Runtime } from "./runtime.ts";
import { isolation, type Located, serve } from "./server.ts";

/** A page is served below a folder, which decides the headers of everything below it. */
const policies: Readonly<Record<string, { readonly description: string; readonly headers: Readonly<Record<string, string>> }>> = {
  isolated: { description: "cross-origin isolated", headers: isolation },
  alone: { description: "not isolated", headers: {} },
  strict: {
    description: "isolated, strict CSP",
    headers: { ...isolation, "content-security-policy": "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'" },
  },
};

/** Each browser: its main thread and a worker, with and without isolation, and under a strict policy. */
export function browserRuntimes(packages: string): readonly Runtime[] {
  return [chromium, firefox, webKitGTK].map((browser) => ({
    name: browser.name,
    howToGet: browser.howToGet,
    async find(): Promise<Found | undefined> {
      const command = findCommand(browser.candidates);
      return command === undefined ? undefined : { version: await browser.version(command), run: () => reports(browser, packages) };
    },
  }));
}

async function* reports(browser: Browser, packages: string): AsyncGenerator<ContextReport> {
  const server = await serve((path) => locate(path, packages));
  try {
    for (const [folder, { description }] of Object.entries(policies)) {
      const heard = visit(browser, `${server.address}/${folder}/`, () =>
        Promise.all(
          ["main", "worker"].map(async (thread) => JSON.parse(await server.report(`${folder}/${thread}`, 120)) as ContextReport["outcome"]),
        ),
      );
      const outcomes = await heard.catch(({ message }: Error) => [{ error: message }, { error: message }]);
      for (const [i, thread] of ["main thread", "worker"].entries()) {
        const outcome: Report | { readonly error: string } = outcomes[i] ?? { error: "no report" };
        yield { context: `${thread}, ${description}`, mayShare: folder !== "alone", outcome };
      }
    }
  } finally {
    await server.close();
  }
}

function locate(path: string, packages: string): Located | undefined {
  const [, folder = "", ...rest] = path.split("/");
  if (folder === "packages") return { file: join(packages, ...rest) };
  const policy = policies[folder];
  return policy && { file: join(bundles.browser, rest.join("/") || "index.html"), headers: policy.headers };
}
