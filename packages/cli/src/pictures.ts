import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** Folders become the pictures in them, in the order of their names, at any depth; whatever else is named stays. */
export async function* picturesIn(places: readonly string[]): AsyncGenerator<string, void, void> {
  for (const place of places) yield* isAddress(place) || !(await isFolder(place)) ? [place] : within(place);
}

async function* within(folder: string): AsyncGenerator<string, void, void> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* within(path);
    else if (isPicture(entry.name)) yield path;
  }
}

export const isAddress = (place: string): boolean => /^(https?|data|file):/i.test(place);

/** By its ending. */
export const isPicture = (name: string): boolean => /\.(jpe?g|png|webp|gif|bmp)$/i.test(name);

export const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
