import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCheckpoint } from "@x/layers";

/** Runs `body` with an empty folder. */
export async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "models-"));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The names in a checkpoint, sorted. */
export const keysOf = async (folder: string): Promise<string[]> => [...(await openCheckpoint(folder)).entries.keys()].sort();
