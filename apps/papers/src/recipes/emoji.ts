/** Emoji with words about them, for CLIP. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { CLIP } from "@x/clip";
import { ArgumentError, type Rng, tensor } from "@x/layers";
import { drawAugmented } from "@x/example-emoji/src/augment.ts";
import { caption } from "@x/example-emoji/src/captions.ts";
import { type EmojiFile, readEmojiFile } from "@x/example-emoji/src/emoji-file.ts";
import { uniform } from "@x/example-emoji/src/random-numbers.ts";
import { imageText, type Objective } from "@x/train";

/** One of the emoji. */
export interface DrawnEmoji {
  readonly emoji: number;
  /** The vendors' drawings of it, by number. */
  readonly drawings: readonly number[];
}

type Pairs = Parameters<ReturnType<typeof imageText>["loss"]>[0];

/** All drawings, made once, as `npm run example -- emoji-search/train --prepare` makes them. */
export async function emojiFile(): Promise<EmojiFile> {
  const folder = fileURLToPath(new URL("../../../../demo-output/", import.meta.url));
  const path = `${folder}emoji.bin.gz`;
  if (!existsSync(path)) {
    await mkdir(folder, { recursive: true });
    const { drawEmoji } = await import("@x/example-emoji/src/draw.ts");
    await drawEmoji(path);
  }
  return readEmojiFile(path);
}

/** Emoji that others than one vendor drew. */
export function drawnEmoji({ pictures }: EmojiFile, heldOut: number): DrawnEmoji[] {
  const numbers = [...pictures.keys()].filter((number) => pictures[number]?.vendor !== heldOut);
  return [...Map.groupBy(numbers, (number) => pictures[number]?.emoji ?? 0)].map(([emoji, drawings]) => ({ emoji, drawings }));
}

/** Each emoji as one of its vendors drew it, changed at random, with a caption drawn at random. */
export function emojiPairs(model: CLIP, file: EmojiFile, rng: Rng): Objective<DrawnEmoji, Pairs> {
  const { tokenizer, maxLength = 32 } = model;
  if (!tokenizer) throw new ArgumentError("emojiPairs", "the model needs a tokenizer", "it has none");
  const { side, emoji } = file;
  const mirrorable = emoji.map(({ label }) => !/left|right|flag|arrow|clockwise|letter|button|o’clock|thirty|\d/.test(label));
  const { loss, afterStep } = imageText(model);
  return {
    model,
    loss,
    afterStep,
    rngs: [rng],
    collate(some) {
      const random = uniform(rng);
      const pixels = new Float32Array(some.length * 3 * side ** 2);
      const texts = some.map(({ emoji: number, drawings }, i) => {
        const drawing = drawings[Math.floor(random() * drawings.length)] ?? 0;
        drawAugmented(file, drawing, { random, mayMirror: mirrorable[number] ?? false }, pixels, i * 3 * side ** 2);
        return caption(emoji[number] ?? { character: "", label: "", tags: [] }, random);
      });
      return {
        images: tensor(pixels, [some.length, 3, side, side]),
        text: tokenizer.pad(tokenizer.encodeBatch(texts, { maxLength, truncation: "first" })),
      };
    },
  };
}
