import { join } from "node:path";
import type { Report } from "../suite/suite.ts";
import { bundles } from "./bundle.ts";
import { bun, deno, node, node20, node22 } from "./command.ts";
import { findCommand, output, versionOf } from "./process.ts";
import type { Runtime } from "./runtime.ts";

/** Runtimes that a command starts. */
export function commandRuntimes(packages: string): readonly Runtime[] {
  return [node20, node22, node, deno, bun].map(({ name, howToGet, candidates, words }) => ({
    name,
    howToGet,
    async find() {
      const command = findCommand(candidates);
      if (command === undefined) return undefined;
      async function* run() {
        yield {
          context: "",
          mayShare: true,
          outcome: await reportOf(command ?? "", [...words, join(bundles.command, "command.js"), packages]),
        };
      }
      return { version: await versionOf(command), run };
    },
  }));
}

async function reportOf(command: string, args: readonly string[]): Promise<Report | { readonly error: string }> {
  try {
    return JSON.parse(await output(command, args)) as Report;
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
