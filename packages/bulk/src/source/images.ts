import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Row } from "../row.ts";
import { openObjectStore, s3PartsOf } from "../storage/s3.ts";

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

/** The same of a place in object storage, `s3://bucket/prefix`. */
export async function* objectRows(place: string): AsyncGenerator<Row, void, void> {
  const { bucket, key } = s3PartsOf(place);
  const prefix = key === "" || key.endsWith("/") ? key : `${key}/`;
  for await (const one of (await openObjectStore()).keys(bucket, prefix)) if (IMAGE.test(one)) yield { file: one.slice(prefix.length) };
}
