/**
 * Downloads that outlive their process. The first bytes of one that broke off stay beside the file that it was to become, whose name is a hash of all of
 * them; the next call, of any process, copies them and goes on from there. What comes of it is held against the hash as a whole.
 */
import { randomUUID } from "node:crypto";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { SourceFile } from "../source-file.ts";
import { openFile } from "./node-files.ts";
import { writeChunks } from "./node-save.ts";

/** Milliseconds without a write after which the shorter of two parts is nobody's any more. */
const DEAD_AFTER = 60_000;

/**
 * Makes the file `path`, or leaves it where it is whole.
 * @param download its bytes, checked; those of `begun`, its first ones, needn't be fetched
 * @returns false when the disk refuses
 * @throws what `download` throws
 */
export async function keepDownload(
  path: string,
  size: number,
  download: (begun?: SourceFile) => AsyncIterable<Uint8Array>,
): Promise<boolean> {
  if (await isWhole(path, size)) return true;
  const begun = await longestPart(path, size);
  try {
    return await fill(path, size, download(begun));
  } catch (cause) {
    // Where a part is left, the download didn't come to its end; where none is, the one that it began with was damaged.
    if (!begun || (await longestPart(path, size))) throw cause;
    return fill(path, size, download());
  }
}

/** Under a name that only this call uses, then renamed: no reader ever sees half a file. */
async function fill(path: string, size: number, chunks: AsyncIterable<Uint8Array>): Promise<boolean> {
  const part = `${path}.${randomUUID().slice(0, 8)}.incomplete`;
  const source = watched(chunks);
  try {
    await writeChunks(part, source.chunks);
    await rename(part, path);
  } catch (cause) {
    const reached = (await openFile(part))?.size ?? 0;
    if (source.failure() === cause && reached > 0 && reached < size) throw cause; // and the part stays
    await rm(part, { force: true });
    if (source.failure() !== cause) return isWhole(path, size); // another call was quicker, and removed this one's part, or the disk is full
    if (reached > 0) await removeParts(path);
    throw cause;
  }
  await removeParts(path);
  return true;
}

const isWhole = async (path: string, size: number): Promise<boolean> => (await openFile(path))?.size === size;

interface Part {
  readonly path: string;
  readonly size: number;
  readonly time: number;
}

async function partsOf(path: string): Promise<readonly Part[]> {
  const parts: Part[] = [];
  for (const name of await readdir(dirname(path)).catch(() => [])) {
    if (!name.startsWith(`${basename(path)}.`) || !/\.[0-9a-f]{8}\.incomplete$/.test(name)) continue;
    const part = join(dirname(path), name);
    const stats = await stat(part).catch(() => undefined);
    if (stats) parts.push({ path: part, size: stats.size, time: stats.mtimeMs });
  }
  return parts.sort((a, b) => b.size - a.size);
}

/** What may still be written to is copied as it is now; of those that nobody writes to, the shorter ones go. */
async function longestPart(path: string, size: number): Promise<SourceFile | undefined> {
  const [longest, ...others] = (await partsOf(path)).filter((part) => part.size > 0 && part.size <= size);
  for (const { path: other, time } of others) if (Date.now() - time > DEAD_AFTER) await remove(other);
  return longest && openFile(longest.path, "same");
}

async function removeParts(path: string): Promise<void> {
  for (const part of await partsOf(path)) await remove(part.path);
}

/** Windows keeps what another process has open. */
const remove = (path: string): Promise<void> => rm(path, { force: true }).catch(() => undefined);

/** The same chunks, and what went wrong with them. */
function watched(source: AsyncIterable<Uint8Array>): { readonly chunks: AsyncIterable<Uint8Array>; failure(): unknown } {
  let failure: unknown;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      yield* source;
    } catch (cause) {
      failure = cause;
      throw cause;
    }
  }
  return { chunks: chunks(), failure: () => failure };
}
