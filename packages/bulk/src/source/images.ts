import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Row } from "../row.ts";

const IMAGE = /\.(jpe?g|png|webp|gif|bmp)$/i;

/** The pictures of a folder, in the order of their names, at any depth: `file` is the path from there, with "/" between. */
export async function* imageRows(folder: string, within = ""): AsyncGenerator<Row, void, void> {
  const entries = await readdir(join(folder, within), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = within === "" ? entry.name : `${within}/${entry.name}`;
    if (entry.isDirectory()) yield* imageRows(folder, file);
    else if (IMAGE.test(entry.name)) yield { file };
  }
}
