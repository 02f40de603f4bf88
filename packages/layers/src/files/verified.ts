/** Downloads held against what the hub says of them: their length and their hash. */

import { CheckpointError } from "./checkpoint-error.ts";
import type { Hasher, RemoteFile } from "./platform/types.ts";

/**
 * The same chunks; ends in an error unless exactly the file's bytes came. Large files are named by their SHA-256, others by git's: SHA-1 with their length before.
 * @throws CheckpointError when the download has another length or another hash
 */
export async function* verified(
  { name, size, etag }: RemoteFile,
  chunks: AsyncIterable<Uint8Array>,
  hasher: (algorithm: "sha1" | "sha256") => Promise<Hasher>,
): AsyncGenerator<Uint8Array> {
  const isGit = etag.length === 40;
  const hash = await hasher(isGit ? "sha1" : "sha256");
  if (isGit) hash.update(new TextEncoder().encode(`blob ${size}\0`));
  let found = 0;
  for await (const chunk of chunks) {
    found += chunk.length;
    hash.update(chunk);
    yield chunk;
  }
  if (found !== size)
    throw new CheckpointError("the download has another size", { file: name, expected: `${size} bytes`, found: String(found) });
  const digest = hash.hex();
  if (digest !== etag)
    throw new CheckpointError("the download is damaged", {
      file: name,
      expected: `${isGit ? "git's SHA-1" : "SHA-256"} ${etag}`,
      found: digest,
    });
}
