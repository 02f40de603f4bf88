/** Names of files inside a source: relative, with forward slashes. They come out of index files and off networks. */

import { CheckpointError, quote } from "./checkpoint-error.ts";

/**
 * The name, if it stays inside its folder on every platform.
 * @param file which file told the name, for the message
 * @throws CheckpointError for `../x`, absolute paths, drive letters, backslashes and control characters
 */
export function checkFileName(name: string, file: string): string {
  const parts = name.split("/");
  const isSafe = parts.every((part) => part !== "" && part !== "." && part !== ".." && !/[\\:\p{Cc}]/u.test(part));
  if (isSafe && name.length <= 1000) return name;
  throw new CheckpointError(`the file name ${quote(name)} is refused: it must stay inside its folder`, { file });
}
