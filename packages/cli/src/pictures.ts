import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

type OnBad = (folder: string, why: string) => void;

/**
 * Folders become the pictures in them, in the order of their names, at any depth; whatever else is named stays.
 * @param onBad told of folders that can't be read, or have no picture in them
 */
export async function* picturesIn(places: readonly string[], onBad: OnBad): AsyncGenerator<string, void, void> {
  for (const place of places) {
    if (isAddress(place) || !(await isFolder(place))) {
      yield place;
      continue;
    }
    let isEmpty = true;
    const told: OnBad = (...bad) => {
      isEmpty = false;
      onBad(...bad);
    };
    for await (const path of within(place, told)) {
      isEmpty = false;
      yield path;
    }
    if (isEmpty) onBad(place, "there is no picture in it (PNG, JPEG, WebP, GIF, BMP)");
  }
}

async function* within(folder: string, onBad: OnBad): AsyncGenerator<string, void, void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: Error) => onBad(folder, `can't be read: ${error.message}`));
  for (const entry of entries?.sort((a, b) => (a.name < b.name ? -1 : 1)) ?? []) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* within(path, onBad);
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
