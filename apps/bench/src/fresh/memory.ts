/** @returns what tells by how many bytes the process's resident memory had grown at its highest, or undefined where that can't be known */
export async function growthOfProcess(): Promise<(() => number) | undefined> {
  if (typeof document !== "undefined" || process.platform !== "linux") return undefined;
  const { readFileSync } = await import("node:fs");
  // Not resourceUsage().maxRSS: a child's begins at its parent's.
  const bytes = (entry: "VmRSS" | "VmHWM"): number =>
    1024 * Number(new RegExp(`^${entry}:\\s+(\\d+)`, "m").exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
  const before = bytes("VmRSS");
  return () => bytes("VmHWM") - before;
}
