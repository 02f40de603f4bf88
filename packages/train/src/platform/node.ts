/** Node, Deno, Bun: a run's folder on a disk. */
import { appendFile, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parentPort } from "node:worker_threads";
import { CheckpointError, openCheckpoint } from "@x/layers";
import { reasonOf } from "@x/layers/model";
import { saveSafetensors } from "@x/layers/save";
import type { RunStorage } from "../storage/run-storage.ts";
import type { FoundImage, WorkerPort } from "./types.ts";
import { webPort } from "./web-port.ts";

/** What a save that was killed leaves behind. */
const LEFTOVER = /\.tmp$/;

/**
 * A folder, which is made where there is none. It belongs to one run at a time: what killed saves have left in it is removed.
 * @throws CheckpointError when it can't be made or read, as where a file lies, or nobody may write
 */
export async function folderStorage(folder: string): Promise<RunStorage> {
  await told(folder, "can't be a run's folder", async () => {
    await mkdir(folder, { recursive: true });
    for (const name of await readdir(folder)) if (LEFTOVER.test(name)) await rm(join(folder, name), { force: true });
  });
  return {
    list: async () => (await readdir(folder)).filter((name) => !LEFTOVER.test(name)).sort(),
    async saveTensors(name, tensors, metadata) {
      await saveSafetensors(tensors, join(folder, name), { metadata, maxShardBytes: Infinity });
    },
    openTensors: (name) => openCheckpoint(join(folder, name)),
    readText: (name) =>
      readFile(join(folder, name), "utf8").catch((cause: NodeJS.ErrnoException) => {
        if (cause.code === "ENOENT") return undefined;
        throw cause; // what is there and can't be read isn't begun anew
      }),
    async writeText(name, text) {
      const temporary = join(folder, `${name}.tmp`);
      await told(join(folder, name), "can't be written", async () => {
        const handle = await open(temporary, "w");
        try {
          await handle.writeFile(text);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(temporary, join(folder, name));
      });
    },
    appendText: (name, text) => told(join(folder, name), "can't be written", () => appendFile(join(folder, name), text)),
    remove: (name) => rm(join(folder, name), { force: true }),
  };
}

/** @throws CheckpointError with the file and the system's reason */
async function told(file: string, what: string, act: () => Promise<void>): Promise<void> {
  await act().catch((cause: unknown) => {
    throw new CheckpointError(`${what}: ${reasonOf(cause)}`, { file, cause });
  });
}

/** A thread's, or that of a worker as browsers have them, which Deno and Bun have, too. */
export const workerPort: WorkerPort = parentPort
  ? { post: (message) => parentPort?.postMessage(message), listen: (heard) => void parentPort?.on("message", heard) }
  : webPort;

/** The files of a folder's folders. */
export async function listImages(folder: string): Promise<FoundImage[]> {
  const classes = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const files = await Promise.all(
    classes.map(async ({ name: label }) => {
      const names = await readdir(join(folder, label));
      return names.map((name) => ({ label, name, image: resolve(folder, label, name) }));
    }),
  );
  return files.flat();
}
