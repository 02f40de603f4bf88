const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** Longer than any engine's threads spin. */
const PAGE_WAIT_MS = 60;

/**
 * Waits until this process is quiet: threads of the last contender spin on for tens of milliseconds and would slow the next. Pages and their workers
 * can't know, and wait long enough.
 */
export async function settle(): Promise<void> {
  if (typeof document !== "undefined" || typeof process === "undefined") return sleep(PAGE_WAIT_MS);
  for (let tries = 0; tries < 40; tries++) {
    const before = process.cpuUsage();
    await sleep(5);
    const { user, system } = process.cpuUsage(before); // µs
    if (user + system < 1000) return;
  }
}
