/** Words to emoji, drawings to emoji. */
import { EmojiSearch, type FoundEmoji } from "@x/clip-emoji";
import type { Tools } from "../room.ts";

export interface EmojiWork {
  find(words: string, count: number): Promise<FoundEmoji[]>;
  describe(drawing: ImageData, count: number): Promise<FoundEmoji[]>;
}

export async function open({ progress }: Tools): Promise<EmojiWork> {
  progress(0.2);
  const search = await EmojiSearch.load();
  progress(1);
  return {
    find: (words, count) => search.find(words, { topK: count }),
    describe: (drawing, count) => search.describe(drawing, { topK: count }),
  };
}
