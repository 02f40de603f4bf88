import { bun, chromium, deno, firefox, node, node20, node22 } from "@x/everywhere";
import { browserRuntime } from "./runtimes/browser.ts";
import { commandRuntime } from "./runtimes/command.ts";
import type { FoundRuntime, Runtime } from "./runtimes/runtime.ts";
import type { RuntimeName } from "./runtimes/names.ts";

/** In the order in which they run. */
export const runtimes: readonly Runtime[] = [
  commandRuntime("node", node),
  commandRuntime("node-wide", node),
  commandRuntime("node22", node22),
  commandRuntime("node20", node20),
  commandRuntime("deno", deno),
  commandRuntime("bun", bun),
  browserRuntime("chromium", chromium),
  browserRuntime("firefox", firefox),
];

/** Those that are installed, and how to get the others. */
export async function findRuntimes(
  names: readonly RuntimeName[],
): Promise<{ readonly found: readonly FoundRuntime[]; readonly missing: readonly Runtime[] }> {
  const wanted = runtimes.filter(({ name }) => names.includes(name));
  const answers = await Promise.all(wanted.map(async (runtime) => ({ runtime, found: await runtime.find() })));
  return {
    found: answers.flatMap(({ found }) => found ?? []),
    missing: answers.flatMap(({ runtime, found }) => (found ? [] : [runtime])),
  };
}
