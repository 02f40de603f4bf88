import { ArgumentError, type SourceLocation } from "@x/layers";
import { openSource, type SourceFile } from "@x/layers/model";

/** One file: a path (Node, Deno, Bun), an address, or the file itself. */
export type FileLocation = Extract<SourceLocation, string | URL | Blob | Uint8Array | ArrayBuffer>;

/** The file that a location names. @throws ArgumentError when it is a folder */
export async function fileIn(where: FileLocation): Promise<SourceFile> {
  const source = await openSource(typeof where === "string" && !/^[a-z]+:|^[./~\\]/i.test(where) ? `./${where}` : where);
  if (source.file === undefined) throw new ArgumentError("data", "a file is needed", `${source.label} is a folder`);
  return source.open(source.file);
}
