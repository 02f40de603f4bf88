import { type CLIP, zeroShot } from "@x/clip";
import { similarity } from "@x/search";
import { sentences } from "./captions.ts";
import { drawingsBy, embedDrawings } from "./drawings.ts";
import type { EmojiFile } from "./emoji-file.ts";

/** Of all queries, how many found their own among the first one, five. */
export interface Recall {
  readonly top1: number;
  readonly top5: number;
}

export interface Retrieval {
  /** Pictures, and as many names. */
  readonly count: number;
  /** A name is given, a picture found. */
  readonly textToImage: Recall;
  /** A picture is given, a name found. */
  readonly imageToText: Recall;
  readonly chance: Recall;
}

/** One vendor's pictures and the names of the emoji on them: each is to find the other among all. */
export async function retrieval(model: CLIP, file: EmojiFile, vendor: number): Promise<Retrieval> {
  const drawings = drawingsBy(vendor, file);
  const labels = drawings.map(({ emoji }) => file.emoji[emoji]?.label ?? "");
  const images = await embedDrawings(model, drawings);
  using names = await zeroShot(model, labels, { templates: sentences, batchSize: 256, truncation: "first" });
  return {
    count: labels.length,
    textToImage: recall(similarity(names.embeddings, images)),
    imageToText: recall(similarity(images, names.embeddings)),
    chance: { top1: 1 / labels.length, top5: 5 / labels.length },
  };
}

/** Row i's own column is i. */
function recall(scores: readonly Float32Array[]): Recall {
  const ranks = scores.map((row, i) => {
    const own = row[i] ?? Number.NaN;
    return row.reduce((above, score) => above + (score > own ? 1 : 0), 0);
  });
  const within = (places: number): number => ranks.filter((rank) => rank < places).length / scores.length;
  return { top1: within(1), top5: within(5) };
}
