/** What can run a program of ours; node-wide is Node with V8's 256-bit vectors switched on, for peers too. */
export const runtimeNames = ["node", "node-wide", "node22", "node20", "deno", "bun", "chromium", "firefox"] as const;
export type RuntimeName = (typeof runtimeNames)[number];

export const isBrowser = (runtime: RuntimeName): boolean => runtime === "chromium" || runtime === "firefox";

const titles: Readonly<Record<RuntimeName, string>> = {
  node: "Node",
  "node-wide": "Node\u00a0wide",
  node22: "Node",
  node20: "Node",
  deno: "Deno",
  bun: "Bun",
  chromium: "Chromium",
  firefox: "Firefox",
};

/** "node20 20.20.2" → "Node 20.20.2", in one piece */
export function runtimeTitle(runtime: string): string {
  const [name = "", version = ""] = runtime.split(" ");
  return `${(titles as Readonly<Record<string, string>>)[name] ?? name}\u00a0${version}`.trim();
}
