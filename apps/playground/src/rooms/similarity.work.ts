/** Pictures beside texts. Radford et al. 2021. */
import { embedImage, embedText } from "@x/clip";
import { EmojiSearch } from "@x/clip-emoji";
import type { Tools } from "../room.ts";

export interface SimilarityWork {
  /** Cosines: a row for each picture, a number for each text. */
  compare(pictures: readonly ImageData[], texts: readonly string[]): Promise<number[][]>;
  /** What cosines are multiplied with before softmax. */
  scale(): number;
}

export async function open({ progress }: Tools): Promise<SimilarityWork> {
  progress(0.2);
  const { model, pictures: drawn, names } = await EmojiSearch.load();
  for (const index of [drawn, names]) index.dispose();
  progress(1);
  return {
    scale: () => Math.exp(model.logitScale.item()),
    async compare(pictures, texts) {
      const [seen, read] = [await embedImage(model, pictures), await embedText(model, texts, { truncation: "first" })];
      return seen.map((picture) => read.map((text) => picture.reduce((sum, value, i) => sum + value * (text[i] ?? 0), 0)));
    },
  };
}
