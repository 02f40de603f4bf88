import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Every file of a folder, by its path in it, as base64. */
export async function filesOf(place: string): Promise<Record<string, string>> {
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    await Promise.all(files.map(async (path) => [path.slice(place.length + 1), (await readFile(path)).toString("base64")] as const)),
  );
}
