/** Node, Deno, Bun: files have paths. */
import { open } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ImageError } from "../image/rgb-image.ts";

/** @param place a path, perhaps from `~` on, or a `file:` address @throws ImageError naming it, when there is no such file or it is too long */
export async function readFile(place: string, maxBytes: number): Promise<Uint8Array> {
  const path = /^file:/i.test(place) ? fileURLToPath(place) : /^~[/\\]/.test(place) ? join(homedir(), place.slice(1)) : place;
  try {
    await using file = await open(path);
    const stats = await file.stat();
    if (stats.isDirectory()) throw new ImageError(`${path}: is a folder, not an image`);
    if (stats.size > maxBytes) throw new ImageError(`${path}: its ${stats.size} bytes are beyond the limit of ${maxBytes} (maxBytes)`);
    return await file.readFile();
  } catch (cause) {
    if (
      cause instanceof Error &&
      "code" in cause &&
      (cause.code === "ENOENT" || cause.code === "ENOTDIR" || cause.code === "ENAMETOOLONG")
    ) {
      throw new ImageError(`${path.slice(0, 200)}: there is no such file`, { cause });
    }
    throw cause;
  }
}
