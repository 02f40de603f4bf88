import { type CLIP, embedImage, EmbeddingIndex } from "@x/clip";
import type { Tensor } from "@x/layers";
import type { ImageInput } from "@x/models-vision";
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

/** Drawings (N) → embeddings (N, E), which the caller frees. */
export const embedDrawings = (model: CLIP, drawings: readonly Drawing[]): Promise<Tensor> =>
  embedImage(
    model,
    drawings.map(({ picture }) => picture),
    { batchSize: 64 },
  );

/** Drawings ready to be searched, each by what `idOf` calls its emoji. The caller frees the index. */
export async function indexDrawings(model: CLIP, drawings: readonly Drawing[], idOf: (emoji: number) => string): Promise<EmbeddingIndex> {
  using embeddings = await embedDrawings(model, drawings);
  const index = new EmbeddingIndex(model.config.projectionDim);
  index.add(
    drawings.map(({ emoji }) => idOf(emoji)),
    embeddings,
  );
  return index;
}
