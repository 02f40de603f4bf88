import { type CLIP, embedImage } from "@x/clip";
import type { ImageInput } from "@x/models-vision";
import { EmbeddingIndex } from "@x/search";
import { type EmojiFile, onWhite } from "./emoji-file.ts";

export interface Drawing {
  /** Number of the emoji. */
  readonly emoji: number;
  readonly picture: ImageInput;
}

/** All drawings by one vendor. */
export const drawingsBy = (vendor: number, file: EmojiFile): Drawing[] =>
  [...file.pictures.entries()]
    .filter(([, picture]) => picture.vendor === vendor)
    .map(([number, { emoji }]) => ({ emoji, picture: onWhite(file, number) }));

/** Each drawing's embedding. */
export const embedDrawings = (model: CLIP, drawings: readonly Drawing[]): Promise<Float32Array[]> =>
  embedImage(
    model,
    drawings.map(({ picture }) => picture),
    { batchSize: 64 },
  );

/** Drawings ready to be searched, each by what `idOf` calls its emoji. The caller frees the index. */
export async function indexDrawings(model: CLIP, drawings: readonly Drawing[], idOf: (emoji: number) => string): Promise<EmbeddingIndex> {
  const index = new EmbeddingIndex();
  index.add(await embedDrawings(model, drawings), { ids: drawings.map(({ emoji }) => idOf(emoji)) });
  return index;
}
