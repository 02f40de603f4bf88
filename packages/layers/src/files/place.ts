/** What places are, by what they can do: values may come from another realm. */
import { kindOf } from "../errors.ts";

export const isAddress = (where: unknown): where is URL => kindOf(where) === "URL";

/** A folder that the user opened in a browser, or one in the origin's private file system. */
export const isFolder = (where: unknown): where is FileSystemDirectoryHandle =>
  typeof where === "object" && where !== null && "kind" in where && where.kind === "directory";

export const isStream = (where: unknown): where is WritableStream<Uint8Array> => kindOf(where) === "WritableStream";
