import { listImages } from "#folder";
import { ArgumentError } from "@x/layers";
import type { FoundImage, ImageFile } from "../platform/types.ts";

/** Images of classes. */
export interface ImageFolder {
  readonly examples: readonly { readonly image: ImageFile; readonly label: string }[];
  /** The folders' names, sorted: `labels` of a new head. */
  readonly labels: readonly string[];
}

const IMAGE = /\.(jpe?g|png|webp|gif|bmp)$/i;

/**
 * The images of a folder that has a folder for each class, in the order of their names; files are read when they are needed.
 * @param where a path (Node, Deno, Bun), or a folder that the user opened
 * @throws ArgumentError when there are none
 */
export async function imageFolder(where: string | FileSystemDirectoryHandle): Promise<ImageFolder> {
  const found = (await (typeof where === "string" ? listImages(where) : listHandles(where))).filter(({ name }) => IMAGE.test(name));
  const examples = found.toSorted((a, b) => order(a.label, b.label) || order(a.name, b.name)).map(({ image, label }) => ({ image, label }));
  if (examples.length === 0)
    throw new ArgumentError("imageFolder", "a folder of folders with images (JPEG, PNG, WebP, GIF, BMP) is needed", "there are none");
  return { examples, labels: [...new Set(examples.map(({ label }) => label))] };
}

/** The same on every system. */
const order = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

async function listHandles(directory: FileSystemDirectoryHandle): Promise<FoundImage[]> {
  const found: FoundImage[] = [];
  for await (const [label, folder] of directory.entries()) {
    if (folder.kind !== "directory") continue;
    for await (const [name, file] of (folder as FileSystemDirectoryHandle).entries()) {
      if (file.kind !== "file") continue;
      const read = async (): Promise<ArrayBuffer> => (await (file as FileSystemFileHandle).getFile()).arrayBuffer();
      found.push({ label, name, image: { arrayBuffer: read } });
    }
  }
  return found;
}
