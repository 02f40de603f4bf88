/** A folder as one file to download, by `fflate`, which is to be installed beside this package. */
import { Zip, ZipPassThrough } from "fflate";

/**
 * A folder and what is in it as a zip, uncompressed, since weights hardly get smaller.
 *
 * ```ts
 * const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("spam-classifier");
 * link.href = URL.createObjectURL(await zipOf(folder));
 * link.download = "spam-classifier.zip";
 * ```
 */
export async function zipOf(folder: FileSystemDirectoryHandle): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let failure: Error | undefined;
  const zip = new Zip((error, chunk) => {
    failure ??= error ?? undefined;
    parts.push(chunk as Uint8Array<ArrayBuffer>);
  });
  for await (const [path, file] of filesIn(folder, `${folder.name}/`)) {
    const entry = new ZipPassThrough(path);
    entry.mtime = file.lastModified;
    zip.add(entry);
    const reader = file.stream().getReader();
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) entry.push(value ?? new Uint8Array());
    entry.push(new Uint8Array(), true);
  }
  zip.end();
  if (failure) throw failure;
  return new Blob(parts, { type: "application/zip" });
}

async function* filesIn(folder: FileSystemDirectoryHandle, path: string): AsyncGenerator<readonly [path: string, file: File]> {
  for await (const [name, handle] of folder.entries()) {
    if (handle.kind === "directory") yield* filesIn(handle as FileSystemDirectoryHandle, `${path}${name}/`);
    else yield [path + name, await (handle as FileSystemFileHandle).getFile()];
  }
}
