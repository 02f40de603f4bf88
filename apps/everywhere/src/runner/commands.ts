import { join } from "node:path";
import type { Report } from "../suite/suite.ts";
import { bundles } from "./bundle.ts";
import { findCommand, output, runtimesFolder, versionOf } from "./process.ts";
import type { Runtime } from "./runtime.ts";

const installed = (path: string): string => join(runtimesFolder, "node_modules", path);
const byNpm = "npm run everywhere -- --install";

/** Runtimes that a command starts. */
export function commandRuntimes(packages: string): readonly Runtime[] {
  const runtime = (name: string, candidates: readonly string[], words: readonly string[], howToGet: string): Runtime => ({
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
  });
  return [
    runtime("Node 20", [installed("node20/bin/node")], [], byNpm),
    runtime("Node 22", [installed("node22/bin/node")], [], byNpm),
    runtime("Node, latest", [process.execPath], [], "it runs this"),
    runtime("Deno", [installed(".bin/deno"), "deno"], ["run", "--no-lock", "--allow-all"], byNpm),
    runtime("Bun", [installed(".bin/bun"), "bun"], ["run"], byNpm),
  ];
}

async function reportOf(command: string, args: readonly string[]): Promise<Report | { readonly error: string }> {
  try {
    return JSON.parse(await output(command, args)) as Report;
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
