/** Node, Deno, Bun: files have paths. */
import { readFile as read, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ImageError } from "../image/rgb-image.ts";

const missing = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG"]);

/** @param place a path, perhaps from `~` on, or a `file:` address @throws ImageError naming it, when there is no such file or it is too long */
export async function readFile(place: string, maxBytes: number): Promise<Uint8Array> {
  const path = /^file:/i.test(place) ? fileURLToPath(place) : /^~[/\\]/.test(place) ? join(homedir(), place.slice(1)) : place;
  const shown = path.slice(0, 200);
  const stats = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw missing.has(cause.code ?? "") ? new ImageError(`${shown}: there is no such file`, { cause }) : cause;
  });
  if (!stats.isFile()) throw new ImageError(`${shown}: is ${stats.isDirectory() ? "a folder" : "a device"}, not a file`); // some never end
  if (stats.size > maxBytes) throw new ImageError(`${shown}: its ${stats.size} bytes are beyond the limit of ${maxBytes} (maxBytes)`);
  return read(path);
}
