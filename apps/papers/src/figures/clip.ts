/** CLIP's matrix: Radford et al. 2021, figure 1. */
import { type CLIP, zeroShot } from "@x/clip";
import { sentences } from "@x/example-emoji/src/captions.ts";
import { drawingsBy, embedDrawings } from "@x/example-emoji/src/drawings.ts";
import type { EmojiFile } from "@x/example-emoji/src/emoji-file.ts";
import type { RgbImage } from "@x/models-vision";
import { similarity } from "@x/search";
import { emojiMatrix } from "../draw/emoji-matrix.ts";
import type { Figure } from "../report.ts";

/** Figure 1: which caption fits which picture. */
export async function figureOne(model: CLIP, file: EmojiFile, vendor: number): Promise<Figure> {
  const wanted = ["dog", "pizza", "red heart", "rocket", "tree", "soccer ball", "crown", "umbrella"];
  const all = drawingsBy(vendor, file);
  const shown = wanted.flatMap((label) => all.filter(({ emoji }) => file.emoji[emoji]?.label === label).slice(0, 1));
  const labels = shown.map(({ emoji }) => file.emoji[emoji]?.label ?? "");
  using names = await zeroShot(model, labels, { templates: sentences, truncation: "first" });
  const cosines = similarity(await embedDrawings(model, shown), names.embeddings);
  return {
    title: "Pictures beside words (figure 1)",
    caption: `Cosines of some of the unseen vendor's drawings, from top to bottom, with their names in the same order, from left to right: ${labels.join(", ")}. Dark is alike; the diagonal is what belongs together.`,
    svg: emojiMatrix(
      shown.map(({ picture }) => picture as RgbImage),
      labels,
      cosines,
    ),
  };
}
