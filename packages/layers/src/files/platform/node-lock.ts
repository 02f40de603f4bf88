/**
 * One process after the other. Whoever wants its turn puts a file of its own name into the folder, and has it when there is no other's; else it takes its file away
 * and tries again soon. Of two, the one that looks later sees the other's file, so both never have it; and what is removed of a dead process is its own file alone,
 * whoever does it, and however many at once.
 */

import { randomUUID } from "node:crypto";
import { readdir, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { kill, pid } from "node:process";
import { isError } from "../../errors.ts";
import { unlessAbsent } from "./absent.ts";

/** A turn takes milliseconds: whose file is older is gone. */
const LONGEST = 10_000;

const pattern = /^\.saving\.(\d+)\.([^.]*)\.[0-9a-f]{8}\.lock$/;

/** A host's name as it may stand in a file's. */
const host = (): string => encodeURIComponent(hostname()).replaceAll(".", "%2E").slice(0, 100);

/** @param id eight hexadecimal digits that no other call has */
export const lockName = (process: number, id: string): string => `.saving.${process}.${host()}.${id}.lock`;

/** Does `work` while no other process does its own in this folder. @throws the signal's reason when aborted before */
export async function alone(directory: string, signal: AbortSignal | undefined, work: () => Promise<void>): Promise<void> {
  const lock = join(directory, lockName(pid, randomUUID().slice(0, 8)));
  const leave = (): Promise<void> => rm(lock, { force: true }).catch(() => rm(lock, { force: true }));
  for (;;) {
    signal?.throwIfAborted();
    await writeFile(lock, "", { flag: "wx" });
    try {
      if (!(await hasOthers(directory, lock))) return await work();
    } finally {
      await leave();
    }
    await new Promise((resolve) => setTimeout(resolve, 5 + 20 * Math.random()));
  }
}

/** Whether a living process's file is there; those of dead ones go. */
async function hasOthers(directory: string, lock: string): Promise<boolean> {
  let found = false;
  for (const name of await readdir(directory)) {
    const [, process, where] = pattern.exec(name) ?? [];
    const path = join(directory, name);
    if (process === undefined || path === lock) continue;
    const stats = await unlessAbsent(stat(path));
    if (!stats) continue;
    if (Date.now() - stats.mtimeMs > LONGEST || (where === host() && !isRunning(Number(process)))) await rm(path, { force: true });
    else found = true;
  }
  return found;
}

function isRunning(process: number): boolean {
  try {
    return kill(process, 0);
  } catch (cause) {
    return !(isError(cause) && "code" in cause && cause.code === "ESRCH"); // another user's may not be asked
  }
}
