import { existsSync } from "node:fs";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import type { ModelList } from "../worker/files.ts";

/** Writes a model's files, with their lengths, and its score into `models.json`. */
export async function addToList(models: URL, name: string, score: string): Promise<void> {
  const folder = new URL(`${name}/`, models);
  const names = (await readdir(folder)).sort();
  const files = Object.fromEntries(await Promise.all(names.map(async (file) => [file, (await stat(new URL(file, folder))).size] as const)));
  const list = new URL("models.json", models);
  const others = existsSync(list) ? (JSON.parse(await readFile(list, "utf8")) as ModelList) : {};
  await writeFile(list, `${JSON.stringify({ ...others, [name]: { files, score } }, null, 2)}\n`);
}
