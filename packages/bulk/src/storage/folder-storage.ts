import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Storage } from "./storage.ts";

/** What a file is called until it is whole. */
const unfinished = ".unfinished";

/** A folder, which may be shared by several machines. */
export function folderStorage(folder: string): Storage {
  return {
    location: folder,
    async list(name) {
      const entries = await readdir(join(folder, name), { withFileTypes: true }).catch(orNone<[]>([]));
      return entries.flatMap((entry) => (entry.isFile() && !entry.name.endsWith(unfinished) ? [entry.name] : [])).sort();
    },
    read: (name) => readFile(join(folder, name)).catch(orNone(undefined)),
    async write(name, bytes) {
      await writeWhole(join(folder, name), (file) => file.writeFile(bytes));
    },
    remove: (name) => rm(join(folder, name), { recursive: true, force: true }),
    async sweep() {
      const names = await readdir(folder);
      await Promise.all(names.flatMap((name) => (name.endsWith(unfinished) ? [rm(join(folder, name), { force: true })] : [])));
    },
  };
}

type Open = Awaited<ReturnType<typeof open>>;

/**
 * A file that is there whole or not at all: written under another name, made to reach the disk, and renamed.
 * @param fill writes its content
 * @param until the folder where it is until then, on the same disk. Default: where it will be
 */
export async function writeWhole(path: string, fill: (file: Open) => Promise<unknown>, until: string = dirname(path)): Promise<void> {
  for (const folder of [dirname(path), until]) await makeFolder(folder);
  const before = join(until, `${basename(path)}.${randomUUID()}${unfinished}`);
  try {
    const file = await open(before, "w");
    try {
      await fill(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(before, path);
  } catch (error) {
    await rm(before, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** With those that it lies in. `mkdir` with `recursive` tries for ever where a file system takes no folders, as below /proc. */
async function makeFolder(path: string): Promise<void> {
  const unlessThere = async (error: NodeJS.ErrnoException): Promise<void> => {
    if (error.code !== "EEXIST" || !(await stat(path)).isDirectory()) throw error;
  };
  try {
    await mkdir(path).catch(unlessThere);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await mkdir(path).catch(unlessThere);
  }
}

/** So that a renamed file is under its new name after a power cut, too. Windows can't, and needn't. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r").catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

/** What stands for a file that isn't there. */
const orNone =
  <None>(none: None) =>
  (error: NodeJS.ErrnoException): None => {
    if (error.code === "ENOENT") return none;
    throw error;
  };
