import { kindOf, shown } from "../errors.ts";
import { CheckpointError } from "./checkpoint-error.ts";
import { type FileSource, fileSource } from "./file-source.ts";
import type { SourceFile } from "./source-file.ts";
import { blobFile, bytesFile } from "./blob-file.ts";

/** The content of a file that is at hand. A Blob may also be a File that a user picked. */
export type FileBytes = Uint8Array | ArrayBuffer | Blob;

/** By what they are, not by their class: values may come from another realm. */
export function isFileBytes(value: unknown): value is FileBytes {
  return ["Uint8Array", "ArrayBuffer", "Blob", "File"].includes(kindOf(value));
}

/** One file. A File keeps its name; other bytes are called `bytes`. */
export function bytesSource(bytes: FileBytes): FileSource {
  const name = "name" in bytes && typeof bytes.name === "string" && bytes.name !== "" ? bytes.name : "bytes";
  return fileSource({ ...mapPlace(new Map([[name, bytes]]), name), file: name });
}

/** Several files by name. */
export function mapSource(files: ReadonlyMap<string, FileBytes>): FileSource {
  return fileSource(mapPlace(files, "the given files"));
}

function mapPlace(files: ReadonlyMap<string, FileBytes>, label: string) {
  return {
    label,
    list: async (): Promise<readonly string[]> => [...files.keys()],
    open: async (name: string): Promise<SourceFile | undefined> => {
      const bytes = files.get(name);
      if (bytes === undefined) return undefined;
      if (!isFileBytes(bytes)) throw new CheckpointError("can't be read", { file: name, expected: "bytes or a Blob", found: shown(bytes) });
      if ("stream" in bytes) return blobFile(bytes, name);
      return bytesFile(ArrayBuffer.isView(bytes) ? bytes : new Uint8Array(bytes), name);
    },
  };
}
