/** What can run a program of ours. */
export const runtimeNames = ["node", "deno", "bun", "chromium", "firefox"] as const;
export type RuntimeName = (typeof runtimeNames)[number];

export const isBrowser = (runtime: RuntimeName): boolean => runtime === "chromium" || runtime === "firefox";
